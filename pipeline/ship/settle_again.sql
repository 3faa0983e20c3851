-- Which events are here by other batches than these, and not by these? The condition in braces as in settle.sql.
SELECT site, event_id
FROM events
WHERE site IN {sites:Array(String)} AND day IN {days:Array(Date)} AND event_id != 0
    AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND {event_id IN ids}
GROUP BY site, event_id
HAVING countIf(batch BETWEEN {first:UInt64} AND {last:UInt64}) = 0
