-- The last day that each feed speaks about: that of its newest delivery that was loaded, where it ever held a row.
-- What a feed that ended, or never held anything, does not say is not known; it is no absence.
select feed, max(delivered_on) as covered_until
from meta.deliveries
where status = 'loaded' and delivered_on <= $as_of
group by feed
having sum(rows_accepted) > 0
order by feed;
