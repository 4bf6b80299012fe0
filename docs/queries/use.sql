-- How often is the program used, and by how many people?
SELECT
    toStartOfWeek(timestamp) AS week,
    properties.program AS program,
    count() AS launches,
    count(DISTINCT properties.$session_id) AS sessions,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event = 'launched'
GROUP BY week, program
ORDER BY week DESC
