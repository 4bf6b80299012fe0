-- Which models do people work with, and what do they need in tokens, dollars and seconds?
SELECT
    properties.main_model AS model,
    count() AS answers,
    count(DISTINCT distinct_id) AS people,
    sum(toFloat(properties.prompt_tokens)) AS tokens_sent,
    sum(toFloat(properties.completion_tokens)) AS tokens_answered,
    sum(toFloat(properties.total_tokens)) AS tokens,
    round(sum(toFloat(properties.cost)), 2) AS dollars,
    round(median(toFloat(properties.duration)), 1) AS median_seconds
FROM events
WHERE {filters} AND event = 'message_send'
GROUP BY model
ORDER BY answers DESC
LIMIT 1000
