-- Removes signals of earlier runs: findings are of the published run only.
delete from findings.signals
where run_id <> $run_id;
