-- Makes the temporary table sponsored_wages: wage months of holders of a sponsored permit, for one slice of persons.
-- Slices keep memory flat. The lower bound of a wage is the comparable wage; the upper bound adds the untaxed 30 % where there is no
-- contract wage. A payer counts as a company from $link_probability. A nil return without hours and without a code for lawfully
-- lower income is no record of pay.
create or replace temp table sponsored_wages as
with people as (
    select distinct person_id, person
    from sponsored_permits
    where person % $slices::integer = $slice::integer
)

select
    people.person,
    wage.month,
    wage.period_start,
    wage.period_end,
    wage.group_id,
    wage.group_id is not null and coalesce(number.link_probability, 0) >= $link_probability as is_linked,
    wage.comparable_wage_month_eur as low_eur,
    case
        when wage.comparable_wage_source = 'contract' then wage.comparable_wage_month_eur
        else greatest(wage.comparable_wage_month_eur, wage.facility_wage_month_eur)
    end as high_eur,
    wage.comparable_wage_source = 'contract' as is_contract,
    wage.period_kind = 'four_weeks' as is_four_weeks,
    wage.is_part_period or wage.period_kind not in ('month', 'four_weeks') as is_broken,
    wage.reduced_income_code is not null as is_reduced,
    wage.is_provisional,
    wage.paid_wage_month_eur > 0
    or wage.taxable_wage_month_eur > 0
    or wage.hours_paid > 0
    or wage.reduced_income_code is not null as is_record
from core.wage_months as wage
inner join people on people.person_id = wage.person_id
left join core.payroll_numbers as number on number.employer_number = wage.employer_number;
