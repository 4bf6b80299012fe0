-- How do answers end: how often are they cut off or refused, by which model?
SELECT
    properties.main_model AS model,
    properties.outcome AS outcome,
    count() AS answers,
    round(median(toFloat(properties.duration)), 1) AS median_seconds
FROM events
WHERE {filters} AND event = 'message_send'
GROUP BY model, outcome
ORDER BY answers DESC
LIMIT 1000
