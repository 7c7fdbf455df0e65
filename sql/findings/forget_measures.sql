-- Takes away the measures of one indicator, before those of this run are written.
delete from findings.measures
where indicator = $indicator;
