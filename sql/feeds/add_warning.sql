-- Add $warning to the loaded entry of a delivery that does not carry it yet.
update meta.deliveries
set warnings = list_append(warnings, $warning)
where feed = $feed
    and delivered_on = $delivered_on
    and status = 'loaded'
    and not list_contains(warnings, $warning)
