-- Signals that name no look-alike, no evidence, no source record or a period that ends before it starts.
select signal_id, indicator, subject_type
from findings.signals
where
    len(look_alikes_checked) = 0
    or evidence is null
    or json_array_length(json_keys(evidence)::json) = 0
    or period_end < period_start
    or (subject_type = 'person' and len(related_ids) = 0)
    or probability not between 0 and 1
order by signal_id;
