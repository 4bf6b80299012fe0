-- Which events arrive, and which properties do they have?
SELECT
    event AS name,
    arrayJoin(JSONExtractKeys(properties)) AS property,
    count() AS events
FROM events
WHERE {filters}
GROUP BY name, property
ORDER BY name, property
LIMIT 5000
