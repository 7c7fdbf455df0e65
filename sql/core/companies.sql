-- One row per Dutch entity, with its size class and its last recognition for labour as known on the as-of date.
with recognised as (
    select
        kvk,
        recognised_on as recognised_from,
        ended_on as recognised_until,
        row_number() over (partition by kvk order by recognised_on desc) as recency,
        bool_or(ended_on is null or ended_on > $as_of) over (partition by kvk) as is_running
    from raw.ind_sponsors
    where valid_until_delivery is null and category = 'labour' and recognised_on <= $as_of
)

select
    company.kvk,
    company.rsin,
    company.name,
    company.legal_form,
    company.sbi,
    left(company.sbi, 2) as sbi2,
    company.registered_on,
    company.ended_on,
    company.end_reason,
    company.successor_kvk,
    coalesce(company.group_id, company.kvk) as group_id,
    company.address_id,
    company.postcode4,
    company.employees,
    case
        when company.employees is null then 'unknown'
        when company.employees < 10 then '0-9'
        when company.employees < 50 then '10-49'
        when company.employees < 250 then '50-249'
        else '250+'
    end as size_class,
    company.turnover_eur,
    company.equity_eur,
    coalesce(recognised.is_running, false) as is_recognised_sponsor,
    recognised.recognised_from,
    recognised.recognised_until
from raw.kvk_companies as company
left join recognised on recognised.kvk = company.kvk and recognised.recency = 1
where company.valid_until_delivery is null
order by company.kvk;
