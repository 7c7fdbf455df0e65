-- Makes the temporary table permit_chains: permits of one migrant at one sponsor that follow each other within 31 days.
-- feed_from and feed_until bound the days on which a wage record would have been seen.
create or replace temp table permit_chains as
with ordered as (
    select
        *,
        coalesce(
            valid_from > max(covers_until) over (
                partition by person_id, sponsor_group_id
                order by valid_from, application_id
                rows between unbounded preceding and 1 preceding
            ) + 31,
            true
        ) as is_first
    from sponsored_permits
    where starts_with(route, 'hsm_') and valid_from <= $as_of and covers_until >= valid_from
),

numbered as (
    select
        *,
        sum(is_first::integer) over (
            partition by person_id, sponsor_group_id order by valid_from, application_id rows unbounded preceding
        ) as chain
    from ordered
),

feed as (
    select min(month) as feed_from, last_day(max(month)) as feed_until from delivered_months
)

select
    arg_min(application_id, (valid_from, application_id)) as chain_id,
    any_value(person_id) as person_id,
    any_value(person) as person,
    list(application_id order by valid_from, application_id) as application_ids,
    list(valid_from order by valid_from, application_id) as permit_starts,
    arg_min(route, (valid_from, application_id)) as route,
    arg_min(application_kind, (valid_from, application_id)) as application_kind,
    arg_max(sponsor_kvk, (valid_from, application_id)) as sponsor_kvk,
    any_value(sponsor_group_id) as sponsor_group_id,
    arg_max(sbi2, (valid_from, application_id)) as sbi2,
    arg_max(size_class, (valid_from, application_id)) as size_class,
    min(valid_from) as starts_on,
    max(covers_until) as ends_on,
    bool_or(
        coalesce(end_notified_on <= $as_of, false)
        or coalesce(end_reason in ('notified_end', 'left_country', 'revoked') and ended_on <= $as_of, false)
    ) as is_end_known,
    any_value(feed.feed_from) as feed_from,
    any_value(feed.feed_until) as feed_until
from numbered
cross join feed
group by numbered.person_id, numbered.sponsor_group_id, numbered.chain;
