-- In the copy, the run that made it has succeeded: without that nobody would read it.
update meta.runs
set status = 'succeeded', finished_at = $finished_at, message = null
where run_id = $run_id
returning run_id;
