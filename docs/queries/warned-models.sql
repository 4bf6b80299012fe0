-- Which models are chosen by default, and which are tried that don't work well?
SELECT
    coalesce(properties.model, properties.main_model) AS model,
    properties.weak_model AS for_small_tasks,
    properties.editor_model AS for_edits,
    countIf(event = 'auto_model_selection') AS chosen_by_default,
    countIf(event = 'model warning') AS warnings,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event IN ('auto_model_selection', 'model warning')
GROUP BY model, for_small_tasks, for_edits
ORDER BY warnings DESC
LIMIT 1000
