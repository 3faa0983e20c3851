-- The highest number that a run ever had. Not of closings alone: one that was killed has left its number elsewhere, and with
-- the clock set back it came again.
SELECT max(run)
FROM
(
    SELECT max(run) AS run FROM closings
    UNION ALL
    SELECT max(run) AS run FROM drafts
    UNION ALL
    SELECT max(run) AS run FROM daily
    UNION ALL
    SELECT max(run) AS run FROM waiting
    UNION ALL
    SELECT max(run) AS run FROM weekly
    UNION ALL
    SELECT max(run) AS run FROM contributions
)
