-- Quantiles of the wages of comparable domestic workers by year, occupation and activity.
select
    year,
    occupation_isco,
    sbi2,
    workers,
    p05_eur,
    p10_eur,
    p25_eur,
    p50_eur,
    p75_eur,
    p90_eur,
    p95_eur
from raw.uwv_peer_wages
where valid_until_delivery is null
order by year, occupation_isco, sbi2;
