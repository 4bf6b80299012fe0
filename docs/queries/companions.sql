-- Which models stand beside the main one, for small tasks and to apply edits?
SELECT
    properties.main_model AS model,
    properties.weak_model AS for_small_tasks,
    properties.editor_model AS for_edits,
    countIf(event IN ('cli session', 'gui session')) AS sessions,
    countIf(event = 'message_send') AS answers
FROM events
WHERE {filters} AND event IN ('cli session', 'gui session', 'message_send')
GROUP BY model, for_small_tasks, for_edits
ORDER BY answers DESC
LIMIT 1000
