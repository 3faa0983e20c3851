-- Which campaigns brought visits? As the visit began; visits without a campaign are left out.
SELECT
    value                  AS campaign,
    sum(margins.visits)    AS visits,
    sum(margins.visitors)  AS visitors
FROM margins('campaign') AS margins
WHERE value != ''
GROUP BY value
HAVING visits > 0
ORDER BY visits DESC, campaign
LIMIT 1000
