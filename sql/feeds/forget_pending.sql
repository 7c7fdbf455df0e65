-- Remove the waiting entry of one delivery.
delete from meta.deliveries
where feed = $feed and delivered_on = $delivered_on and status = 'pending'
