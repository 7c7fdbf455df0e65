-- Makes the temporary table wage_records: every record of pay of a knowledge migrant, with whether its payer is certain.
-- A nil return without hours and without a code for lawfully lower income is no record of pay.
create or replace temp table wage_records as
select
    wage.person_id,
    wage.month,
    wage.period_start,
    wage.period_end,
    wage.group_id,
    wage.group_id is not null and coalesce(number.link_probability, 0) >= $link_probability as is_linked,
    wage.reduced_income_code is not null as is_reduced
from core.wage_months as wage
semi join sponsored_permits as permit on permit.person_id = wage.person_id
left join core.payroll_numbers as number on number.employer_number = wage.employer_number
where
    wage.paid_wage_month_eur > 0
    or wage.taxable_wage_month_eur > 0
    or wage.hours_paid > 0
    or wage.reduced_income_code is not null;
