-- Why was a signal raised, and which innocent explanations were looked at first? (needs a run with the review lane)
select
    signals.signal_id,
    signals.indicator,
    indicators.name_nl,
    signals.grade,
    signals.subject_type,
    signals.subject_id,
    signals.period_start,
    signals.period_end,
    signals.magnitude,
    signals.magnitude_unit,
    signals.probability,
    signals.evidence,
    signals.look_alikes_checked,
    indicators.look_alikes as look_alikes_known
from findings.signals as signals
left join meta.indicators as indicators on indicators.indicator = signals.indicator
order by signals.grade, signals.indicator, signals.signal_id
limit 20;
