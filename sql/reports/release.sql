-- The release that a brief speaks of.
select run_id, as_of, code_version, rules_version, checks_passed, checks_warned, has_stand_ins
from pub.release;
