-- Has anything changed since the page was last drawn? Cheap enough to ask every second. Like `refused`, it knows no times.
WITH
    here AS
    (
        SELECT count() AS events
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}
    ),
    turned_away AS
    (
        SELECT sum(events) AS events
        FROM tally
        -- of days that are over nothing is refused any more, and a year of the tally is too much for every second
        WHERE site IN ({site:String}, '') AND day BETWEEN greatest({from:Date}, {open:Date}) AND {to:Date}
            AND outcome != 'stored'
    ),
    closed AS
    (
        SELECT count() AS days, max(run) AS latest
        FROM closings
        -- those before the period, too: it is compared with them
        WHERE site = {site:String} AND day <= {to:Date}
    )
SELECT {site:String} AS pulse, here.events AS events, turned_away.events AS refused, closed.days AS closed, closed.latest AS run
FROM here, turned_away, closed
