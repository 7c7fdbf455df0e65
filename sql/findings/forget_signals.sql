-- Takes away the signals of one indicator, before those of this run are written.
delete from findings.signals
where indicator = $indicator;
