-- Foreign service providers: the latest observation on or before the as-of date, or name and country of the last notification.
with observed as (
    select
        employer_vat,
        name,
        country,
        observed_on,
        registered_on,
        address_id,
        owner_kvk,
        owner_vat,
        home_staff,
        posted_staff,
        home_turnover_share
    from raw.posting_employers
    where valid_until_delivery is null and observed_on <= $as_of
    qualify row_number() over (partition by employer_vat order by observed_on desc) = 1
),

notified as (
    select employer_vat, employer_name as name, employer_country as country
    from raw.szw_postings
    where valid_until_delivery is null
    qualify
        row_number() over (
            partition by employer_vat
            order by submitted_on desc, notification_id desc, version desc, employer_name, employer_country
        ) = 1
)

select *
from observed
union all by name
select notified.*
from notified
anti join observed on observed.employer_vat = notified.employer_vat
order by employer_vat;
