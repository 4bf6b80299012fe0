-- Which failures of sending need better handling?
SELECT
    properties.exception AS failure,
    properties.cecli_version AS version,
    count() AS failures,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event = 'message_send_exception'
GROUP BY failure, version
ORDER BY failures DESC
LIMIT 1000
