-- Which ways to work does anybody use?
SELECT
    event AS feature,
    count() AS uses,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters}
    AND event IN (
        'ai-comments execute', 'ai-comments file-add', 'copy-paste mode', 'interactive help'
    )
GROUP BY feature
ORDER BY people DESC
