-- Which ways of editing files work with which model: how often do answers fail or break off?
SELECT
    model,
    edit_format,
    count() AS sessions,
    sum(sent) AS messages,
    sum(failures) AS failed,
    sum(cuts) AS cut_off,
    round(100 * sum(failures) / greatest(sum(sent), 1), 1) AS percent_failed
FROM (
    SELECT
        properties.$session_id AS session,
        anyIf(properties.main_model, event = 'message_send') AS model,
        anyIf(properties.edit_format, event = 'message_send') AS edit_format,
        countIf(event = 'message_send_starting') AS sent,
        countIf(event = 'message_send_exception') AS failures,
        countIf(event = 'message_send' AND properties.outcome = 'length') AS cuts
    FROM events
    WHERE {filters}
        AND event IN ('message_send', 'message_send_starting', 'message_send_exception')
        AND properties.$session_id IS NOT NULL
    GROUP BY session
)
GROUP BY model, edit_format
ORDER BY messages DESC
LIMIT 1000
