-- Which events are here already? The condition in braces may be true of a few others, too: whole ids are compared.
SELECT site, event_id
FROM events
WHERE site IN {sites:Array(String)} AND day IN {days:Array(Date)} AND event_id != 0
    AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND {event_id IN ids}
