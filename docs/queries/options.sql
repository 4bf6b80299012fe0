-- Which options are used, and how are they set?
SELECT
    arrayJoin(JSONExtract(ifNull(toString(properties.options), '[]'), 'Array(String)')) AS option,
    count() AS launches,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event = 'launched'
GROUP BY option
ORDER BY people DESC
LIMIT 1000
