-- Which events are here already? Asked with the lowest three bytes of each sender's id, since a list of 50,000 whole ones
-- takes longer to be sent than to be answered. The few others that share them come back, too: whole ids are compared.
SELECT DISTINCT site, event_id
FROM events
WHERE site IN {sites:Array(String)} AND day IN {days:Array(Date)} AND event_id != 0
    AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND toUInt32(bitAnd(event_id, 0xFFFFFF)) IN
    (
        SELECT reinterpretAsUInt32(substring(base64Decode('{ids}'), number * 3 + 1, 3)) FROM numbers({count:UInt64})
    )
