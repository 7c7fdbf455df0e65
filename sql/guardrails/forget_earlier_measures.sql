-- Removes measures of earlier runs: findings are of the published run only.
delete from findings.measures
where run_id <> $run_id;
