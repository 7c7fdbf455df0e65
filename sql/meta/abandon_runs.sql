-- Marks every other run that still says running as abandoned: its process died.
update meta.runs
set
    status = 'abandoned',
    finished_at = $finished_at,
    message = 'the process ended without a word; the next run found this row'
where status = 'running' and run_id <> $run_id
returning run_id;
