-- What is lost on the way, and why?
SELECT
    fact.1 AS why,
    sum(fact.2) AS events,
    count(DISTINCT id) AS people
FROM (
    SELECT
        distinct_id AS id,
        arrayJoin(JSONExtractKeysAndValues(properties, 'Int64')) AS fact
    FROM events
    WHERE {filters} AND event = 'events_lost'
)
WHERE fact.2 > 0 AND NOT startsWith(fact.1, '$') AND fact.1 != 'cut'
GROUP BY why
ORDER BY events DESC
