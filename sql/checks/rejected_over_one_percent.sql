-- Feeds of which more than 1 % of the rows was rejected, in what the newest run that read the feed loaded.
select *
from rejected_shares
where rejected_share > 0.01
order by feed;
