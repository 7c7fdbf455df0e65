-- The row of a run that begins.
insert into meta.runs (run_id, as_of, status, started_at, code_version, rules_version)
values ($run_id, $as_of, 'running', $started_at, $code_version, $rules_version);
