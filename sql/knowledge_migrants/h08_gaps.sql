-- One row per run of at least $gap_months delivered months without any wage record, after the first one, that nothing explains.
-- Left out: months with a notified leave, runs next to a month with a code for lawfully lower income, months with pay from anyone.
with chains as (
    select * from permit_chains where person % $slices::integer = $slice::integer
),

records as (
    select person, month, bool_or(is_reduced) as is_reduced
    from sponsored_wages
    where is_record
    group by person, month
),

paid_from as (
    select chain.chain_id, min(record.month) as first_month
    from chains as chain
    inner join sponsor_payers as payer on payer.sponsor_kvk = chain.sponsor_kvk
    inner join sponsored_wages as record on record.person = chain.person and record.group_id = payer.group_id
    where record.is_record and record.is_linked and record.period_end >= chain.starts_on
    group by chain.chain_id
),

silent as (
    select chain.chain_id, chain.person, chain.person_id, chain.sponsor_kvk, delivered.month, delivered.number
    from chains as chain
    inner join paid_from on paid_from.chain_id = chain.chain_id
    inner join delivered_months as delivered
        on
            delivered.month > paid_from.first_month
            and delivered.month >= chain.starts_on
            and last_day(delivered.month) <= chain.ends_on
    anti join records as record on record.person = chain.person and record.month = delivered.month
),

unexplained as (
    select silent.*, silent.number - row_number() over (partition by silent.chain_id order by silent.number) as run
    from silent
    where not exists (
        select 1
        from core.sponsor_notices as leave
        where
            leave.person_id = silent.person_id
            and leave.kind in ('unpaid_leave', 'parental_leave', 'sick_leave')
            and leave.event_on <= last_day(silent.month)
            and coalesce(leave.until_on, leave.event_on + $open_leave_days::integer) >= silent.month
    )
),

runs as (
    select
        chain_id,
        any_value(person) as person,
        any_value(person_id) as person_id,
        any_value(sponsor_kvk) as sponsor_kvk,
        min(month) as first_month,
        max(month) as last_month,
        count(*) as months
    from unexplained
    group by chain_id, run
    having count(*) >= $gap_months
)

select
    runs.chain_id,
    runs.first_month,
    last_day(runs.last_month) as last_day,
    runs.months,
    exists (
        select 1
        from filings as filing
        inner join sponsor_payers as payer on payer.group_id = filing.group_id
        where
            payer.sponsor_kvk = runs.sponsor_kvk
            and filing.month between runs.first_month and runs.last_month
            and (filing.first_person != runs.person_id or filing.last_person != runs.person_id)
    ) as sponsor_pays_others,
    exists (
        select 1
        from records as later
        where later.person = runs.person and later.month > runs.last_month
    ) as is_paid_again
from runs
where not exists (
    select 1
    from records as beside
    where
        beside.person = runs.person
        and beside.is_reduced
        and beside.month between runs.first_month - interval 1 month and runs.last_month + interval 1 month
)
order by runs.chain_id, runs.first_month;
