-- How many messages never get an answer?
SELECT
    toStartOfWeek(timestamp) AS week,
    countIf(event = 'message_send_starting') AS sent,
    countIf(event = 'message_send') AS answered,
    countIf(event = 'message_send_exception') AS failed,
    sent - answered - failed AS neither
FROM events
WHERE {filters} AND event IN ('message_send', 'message_send_starting', 'message_send_exception')
GROUP BY week
ORDER BY week DESC
