-- Which events were too long, and had to be shortened?
SELECT
    event AS name,
    countIf(toString(properties.cut) = 'true') AS shortened,
    count() AS events
FROM events
WHERE {filters}
GROUP BY name
HAVING shortened > 0
ORDER BY shortened DESC
LIMIT 1000
