-- What am I looking at: which run, as of when, made by which version, and does any of it rest on simulated data?
select
    releases.run_id,
    releases.as_of,
    runs.finished_at,
    releases.code_version,
    releases.rules_version,
    releases.checks_passed,
    releases.checks_warned,
    releases.has_stand_ins
from pub.release as releases
inner join meta.runs as runs on runs.run_id = releases.run_id;
