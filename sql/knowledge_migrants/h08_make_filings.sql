-- Makes the temporary table filings: for each group and month, two different persons it paid where there are two.
create or replace temp table filings as
select wage.group_id, wage.month, min(wage.person_id) as first_person, max(wage.person_id) as last_person
from core.wage_months as wage
inner join core.payroll_numbers as number
    on number.employer_number = wage.employer_number and number.link_probability >= $link_probability
where
    wage.group_id is not null
    and (wage.paid_wage_month_eur > 0 or wage.taxable_wage_month_eur > 0 or wage.hours_paid > 0 or wage.reduced_income_code is not null)
group by wage.group_id, wage.month;
