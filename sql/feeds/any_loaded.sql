-- True when the warehouse holds at least one loaded delivery.
select count(*) > 0 from meta.deliveries where status = 'loaded'
