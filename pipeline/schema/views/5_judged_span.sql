-- Numbers of orders that wait for a week or month, added up over its closed days or weeks; `hides` as in `judged_day`.
CREATE OR REPLACE VIEW judged_span AS
WITH summed AS
(
    SELECT pair, a, sum(waiting.orders) AS bought
    FROM waiting
    WHERE site = {site:String} AND grain = {grain:String} AND until = {first:Date} AND kind = 'behaviour'
        AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = {below:String} GROUP BY day)
    GROUP BY pair, a
)
SELECT
    *,
    sumIf(bought, bought < {k:UInt16}) OVER (PARTITION BY pair)                           AS left_over,
    row_number() OVER (PARTITION BY pair, bought < {k:UInt16} ORDER BY bought, a)         AS size_rank,
    bought < {k:UInt16} OR (left_over BETWEEN 1 AND {k:UInt16} - 1 AND size_rank = 1)     AS hides
FROM summed
