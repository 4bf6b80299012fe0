-- How do sessions end, and how many end badly?
SELECT
    properties.reason AS reason,
    properties.cecli_version AS version,
    count() AS sessions,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event = 'exit'
GROUP BY reason, version
ORDER BY sessions DESC
LIMIT 1000
