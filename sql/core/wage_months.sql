-- Wage returns made comparable: one row per person, payroll number, income relation and month.
-- A wage period belongs to the month of its middle day. What a period that is no full month or four weeks is a part of follows
-- from the other periods of the income relation, else of the payroll number, else it is a month; so does 1-28 February.
-- A relation whose newest period ends in the newest month of the feed has not ended: that period is not its last.
with returned as (
    select
        numbers.person_id,
        wage.employer_number,
        wage.income_relation,
        wage.period_start,
        wage.period_end,
        wage.period_end - wage.period_start + 1 as days,
        day(last_day(wage.period_start)) as days_in_month,
        day(wage.period_start) = 1 and wage.period_end = last_day(wage.period_start) as is_calendar_month,
        wage.period_end <= last_day(wage.period_start) as is_within_month,
        coalesce(wage.holiday_allowance_eur, 0) + coalesce(wage.extra_wage_eur, 0) as beside_eur,
        wage.wage_in_money_eur - beside_eur as paid_eur,
        wage.taxable_wage_eur - beside_eur as taxable_eur,
        coalesce(wage.contract_wage_eur, paid_eur) as fixed_eur,
        wage.contract_wage_eur is null as is_paid_source,
        wage.hours_paid,
        wage.contract_hours_week,
        wage.income_kind,
        wage.work_relation,
        wage.reduced_income_code
    from raw.uwv_wages as wage
    inner join core.person_identifiers as numbers
        on numbers.identifier_kind = 'bsn' and numbers.identifier = wage.bsn
    where wage.valid_until_delivery is null
),

relations as (
    select
        person_id,
        employer_number,
        income_relation,
        min(period_start) as first_start,
        max(period_start) as last_start,
        max(period_end) as last_end,
        count_if(is_calendar_month and days <> 28) as months,
        count_if(days = 28 and not is_calendar_month) as four_weeks
    from returned
    group by person_id, employer_number, income_relation
),

payrolls as (
    select employer_number, sum(months) > 0 and sum(months) >= sum(four_weeks) as is_monthly, sum(four_weeks) as four_weeks
    from relations
    group by employer_number
),

feed as (
    select max(last_end) as until_on
    from relations
),

placed as (
    select
        returned.*,
        date_trunc('month', period_start + ((period_end - period_start) // 2)::integer)::date as month,
        case
            when days = 28 and not is_calendar_month then 'four_weeks'
            when is_calendar_month and days <> 28 then 'month'
            when days > 28 then 'other'
            when not is_within_month then 'four_weeks'
            when relations.months > relations.four_weeks then 'month'
            when relations.four_weeks > relations.months then 'four_weeks'
            when payrolls.four_weeks > 0 and not payrolls.is_monthly then 'four_weeks'
            else 'month'
        end as rhythm,
        period_start = relations.first_start
        or (period_start = relations.last_start and relations.last_end < feed.until_on - 31) as is_first_or_last
    from returned
    inner join relations using (person_id, employer_number, income_relation)
    inner join payrolls using (employer_number)
    cross join feed
),

measured as (
    select
        *,
        case rhythm when 'month' then days / days_in_month when 'four_weeks' then days / 28 else days / 30.4375e0 end as share,
        case rhythm when 'four_weeks' then 13 / 12 else 1e0 end as factor
    from placed
),

monthly as (
    select
        person_id,
        employer_number,
        income_relation,
        month,
        min(period_start) as period_start,
        max(period_end) as period_end,
        case
            when bool_or(share < 1) then 'part'
            when min(rhythm) = max(rhythm) then min(rhythm)
            else 'other'
        end as period_kind,
        count(*) as periods,
        round(least(1, sum(share)), 9) as covered_share,
        round(sum(fixed_eur * factor) / sum(share), 2) as comparable_wage_month_eur,
        if(bool_or(is_paid_source), 'paid', 'contract') as comparable_wage_source,
        round(sum(paid_eur * factor) / sum(share), 2) as paid_wage_month_eur,
        round(sum(taxable_eur * factor) / sum(share), 2) as taxable_wage_month_eur,
        sum(hours_paid) as hours_paid,
        arg_max(contract_hours_week, period_start) as contract_hours_week,
        arg_max(income_kind, period_start) as income_kind,
        arg_max(work_relation, period_start) as work_relation,
        arg_max(reduced_income_code, period_start) as reduced_income_code,
        bool_or(share < 1 or is_first_or_last) as is_part_period
    from measured
    group by person_id, employer_number, income_relation, month
),

facility as (
    select unnest($facility_from) as valid_from, unnest($facility_until) as valid_until, unnest($facility_share) as untaxed_share
)

select
    monthly.person_id,
    monthly.employer_number,
    monthly.income_relation,
    monthly.month,
    payroll.kvk,
    payroll.group_id,
    monthly.period_start,
    monthly.period_end,
    monthly.period_kind,
    monthly.periods,
    monthly.covered_share,
    monthly.comparable_wage_month_eur,
    monthly.comparable_wage_source,
    greatest(
        monthly.comparable_wage_month_eur,
        round(monthly.taxable_wage_month_eur / (1 - coalesce(facility.untaxed_share, 0)), 2)
    ) as facility_wage_month_eur,
    monthly.paid_wage_month_eur,
    monthly.taxable_wage_month_eur,
    monthly.hours_paid,
    monthly.contract_hours_week,
    monthly.income_kind,
    monthly.work_relation,
    monthly.reduced_income_code,
    monthly.is_part_period,
    monthly.month >= date_trunc('month', $as_of::date) - to_months($provisional_months::integer) as is_provisional
from monthly
left join core.payroll_numbers as payroll using (employer_number)
left join facility on monthly.month between facility.valid_from and facility.valid_until
order by monthly.person_id, monthly.employer_number, monthly.income_relation, monthly.month;
