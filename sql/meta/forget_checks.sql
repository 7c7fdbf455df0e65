-- Forgets the results of one gate, so that only those of the newest run stand.
delete from meta.checks
where gate = $gate;
