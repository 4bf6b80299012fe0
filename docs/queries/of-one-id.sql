-- What is there of one id? Put in the id that you were given.
SELECT
    event AS name,
    count() AS events,
    min(timestamp) AS first,
    max(timestamp) AS last
FROM events
WHERE distinct_id = '00000000-0000-4000-8000-000000000000'
GROUP BY name
ORDER BY name
LIMIT 1000
