-- Where do sessions run, with which models and ways of editing?
SELECT
    event AS place,
    properties.main_model AS model,
    properties.edit_format AS edit_format,
    count() AS sessions,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event IN ('cli session', 'gui session')
GROUP BY place, model, edit_format
ORDER BY sessions DESC
LIMIT 1000
