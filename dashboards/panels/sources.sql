-- Where did visits come from? The campaign's source, else the host that linked here, as the visit began.
-- Counted visits (without a number) are page views that came from outside; they have no visitor.
SELECT
    value                  AS source,
    sum(margins.visits)    AS visits,
    sum(margins.visitors)  AS visitors
FROM margins('source') AS margins
GROUP BY value
HAVING visits > 0
ORDER BY visits DESC, source
LIMIT 1000
