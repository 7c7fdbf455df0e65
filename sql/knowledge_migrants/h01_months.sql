-- One row per permit and usable wage month, the newest $window_months of each permit, with both bounds of the wage.
-- Usable: whole month under the permit, final, assessed (by $assessed_until), no part period, no code for lawfully lower income, no
-- leave notified. Persons whose numbers may belong to several people have no usable month.
-- The lower bound is the comparable wage. The upper bound adds what may lawfully be missing from it: the untaxed 30 % when there
-- is no contract wage, and wages from payers that could not be linked to any company with certainty. Simultaneous income
-- relations in the sponsor's group are added up. The norm is that of the permit, or the norm of the same category in
-- force in the month where that has fallen since: nobody is asked for more than the law asks of newcomers.
with permits as (
    select permit.*
    from sponsored_permits as permit
    left join core.persons as holder on holder.person_id = permit.person_id
    where
        permit.norm_month_eur > 0
        and permit.valid_from <= $as_of
        and permit.person % $slices::integer = $slice::integer
        and not coalesce(holder.is_ambiguous, false)
),

payers as (
    select permit.permit, permit.person, permit.valid_from, permit.covers_until, payer.group_id
    from permits as permit
    inner join sponsor_payers as payer on payer.sponsor_kvk = permit.sponsor_kvk
),

unlinked as (
    select person, month, round(sum(greatest(high_eur, 0)), 2) as possible_eur
    from sponsored_wages
    where not is_linked and not is_provisional
    group by person, month
),

paid as (
    select
        payer.permit,
        wage.month,
        round(sum(wage.low_eur), 2) as wage_low_eur,
        round(sum(wage.high_eur), 2) as wage_high_eur,
        bool_and(wage.is_contract) as is_contract,
        bool_or(wage.is_four_weeks) as is_four_weeks,
        min(wage.period_start) as period_start,
        max(wage.period_end) as period_end
    from sponsored_wages as wage
    inner join payers as payer on payer.person = wage.person and payer.group_id = wage.group_id
    where
        wage.is_linked
        and not wage.is_provisional
        and last_day(wage.month) <= $assessed_until
        and wage.month between payer.valid_from - 45 and payer.covers_until
    group by payer.permit, wage.month
    having
        not bool_or(wage.is_broken or wage.is_reduced)
        and min(wage.period_start) >= any_value(payer.valid_from)
        and max(wage.period_end) <= any_value(payer.covers_until)
),

latest as (
    select permit.application_id, permit.person, permit.person_id, permit.norm_category, permit.norm_month_eur, paid.*
    from paid
    inner join permits as permit on permit.permit = paid.permit
    qualify row_number() over (
        partition by permit.person, permit.sponsor_group_id, paid.month
        order by permit.norm_on desc, permit.application_id desc
    ) = 1
),

usable as (
    select latest.*
    from latest
    where not exists (
        select 1
        from core.sponsor_notices as leave
        where
            leave.person_id = latest.person_id
            and leave.kind in ('unpaid_leave', 'parental_leave', 'sick_leave')
            and leave.event_on <= latest.period_end
            and coalesce(leave.until_on, leave.event_on + $open_leave_days::integer) >= latest.period_start
    )
    qualify row_number() over (partition by latest.permit order by latest.month desc) <= $window_months
),

norms_in_force as (
    select criterion, valid_from, valid_until, max(norm_month_eur) as norm_month_eur
    from core.salary_norms
    where norm_month_eur > 0
    group by criterion, valid_from, valid_until
)

select
    usable.application_id,
    usable.month,
    usable.period_start,
    usable.period_end,
    least(usable.norm_month_eur, norm.norm_month_eur) as norm_month_eur,
    usable.wage_low_eur,
    round(usable.wage_high_eur + coalesce(unlinked.possible_eur, 0), 2) as wage_high_eur,
    usable.is_contract,
    usable.is_four_weeks
from usable
left join unlinked on unlinked.person = usable.person and unlinked.month = usable.month
left join norms_in_force as norm
    on norm.criterion = usable.norm_category and usable.period_end between norm.valid_from and norm.valid_until
order by usable.application_id, usable.month;
