-- How many days were third-country workers announced as posted, per sending country and sector, in the last year?
select
    postings.employer_country,
    postings.sbi2,
    coalesce(sectors.name_nl, postings.sbi2) as sector,
    count(distinct postings.person_id) as workers,
    sum(postings.days) as days,
    round(sum(postings.days) / count(distinct postings.person_id), 1) as days_per_worker
from core.postings as postings
cross join pub.release as releases
left join core.sectors as sectors on sectors.sbi2 = postings.sbi2
where not postings.worker_free_movement
  and postings.starts_on > releases.as_of - interval 12 month
  and postings.starts_on <= releases.as_of
group by all
order by days desc, postings.employer_country, postings.sbi2;
