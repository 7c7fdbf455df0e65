-- One row per chain of permits: first wage record of the sponsor, and what else may explain that there is none.
with chains as (
    select * from permit_chains where person % $slices::integer = $slice::integer
),

pay as (
    select
        chain.chain_id,
        min(record.period_start) filter (where payer.group_id is not null and record.is_linked) as first_wage_on,
        count(distinct record.month) filter (where payer.group_id is null and record.is_linked) as months_elsewhere,
        count(distinct record.month) filter (where not record.is_linked) as months_undecided,
        min(record.period_start) filter (where not record.is_linked) as first_undecided_on
    from chains as chain
    inner join sponsored_wages as record
        on record.person = chain.person and record.period_end >= chain.starts_on and record.period_start <= chain.ends_on
    left join sponsor_payers as payer on payer.sponsor_kvk = chain.sponsor_kvk and payer.group_id = record.group_id
    where record.is_record
    group by chain.chain_id
),

filing_sponsors as (
    select distinct chain.chain_id
    from chains as chain
    inner join sponsor_payers as payer on payer.sponsor_kvk = chain.sponsor_kvk
    inner join filings as filing
        on
            filing.group_id = payer.group_id
            and filing.month between chain.starts_on and least(chain.ends_on, chain.feed_until)
            and (filing.first_person != chain.person_id or filing.last_person != chain.person_id)
),

numbered_sponsors as (
    select distinct payer.sponsor_kvk
    from sponsor_payers as payer
    inner join core.payroll_numbers as number on number.group_id = payer.group_id
    where number.link_probability >= $link_probability
),

people as (
    select person_id from core.person_identifiers where identifier_kind = 'bsn'
    union
    select chain.person_id
    from chains as chain
    semi join sponsored_wages as wage on wage.person = chain.person
)

select
    chain.* exclude (person),
    pay.first_wage_on,
    pay.first_undecided_on,
    coalesce(pay.months_elsewhere, 0) as months_elsewhere,
    coalesce(pay.months_undecided, 0) as months_undecided,
    filing_sponsors.chain_id is not null as sponsor_pays_others,
    numbered_sponsors.sponsor_kvk is not null as has_payroll_number,
    sponsor.kvk is not null as is_sponsor_known,
    people.person_id is not null as has_bsn,
    coalesce(person.is_ambiguous, false) as is_ambiguous,
    exists (
        select 1
        from core.sponsor_notices as leave
        where
            leave.person_id = chain.person_id
            and leave.kind in ('unpaid_leave', 'parental_leave', 'sick_leave')
            and leave.event_on <= least(chain.ends_on, chain.feed_until)
            and coalesce(leave.until_on, leave.event_on + $open_leave_days::integer) >= chain.starts_on
    ) as has_leave_notice
from chains as chain
left join pay on pay.chain_id = chain.chain_id
left join filing_sponsors on filing_sponsors.chain_id = chain.chain_id
left join numbered_sponsors on numbered_sponsors.sponsor_kvk = chain.sponsor_kvk
left join core.companies as sponsor on sponsor.kvk = chain.sponsor_kvk
left join people on people.person_id = chain.person_id
left join core.persons as person on person.person_id = chain.person_id
order by chain.chain_id;
