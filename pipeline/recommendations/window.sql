-- The latest day and week that are closed, and a number that changes with each closing of those which are looked at. A day
-- that was taken back rests on no row, and a week without a closed day on no run.
WITH
    held AS
    (
        SELECT grain, day, max(run) AS run
        FROM closings
        WHERE site = {site:String} AND grain IN ('day', 'week')
        GROUP BY grain, day
        HAVING argMax(rests_on, closings.run) != 0
    ),
    (SELECT max(day) FROM held) AS latest
SELECT
    maxIf(day, grain = 'day') AS until,
    maxIf(day, grain = 'week') AS week,
    countIf(grain = 'week') AS weeks,
    sipHash64(arraySort(groupArrayIf((grain, day, run), day > latest - {look_back:UInt16}))) AS rests_on
FROM held
HAVING count() > 0
