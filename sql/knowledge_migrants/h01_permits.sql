-- One row per granted permit with a salary norm: what it is, whose, and in which stratum.
select
    application_id, route, norm_category, norm_on, norm_month_eur, valid_from, sponsor_kvk, sponsor_group_id, sbi2, size_class
from sponsored_permits
where norm_month_eur > 0 and valid_from <= $as_of
order by application_id;
