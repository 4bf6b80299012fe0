-- Can git be relied on, and does the default of committing at once suit people?
SELECT
    toStartOfWeek(timestamp) AS week,
    countIf(event = 'repo') AS with_git,
    countIf(event = 'no-repo') AS without_git,
    countIf(event = 'auto_commits' AND toString(properties.enabled) = 'true') AS commits_at_once,
    countIf(event = 'auto_commits' AND toString(properties.enabled) = 'false') AS does_not
FROM events
WHERE {filters} AND event IN ('repo', 'no-repo', 'auto_commits')
GROUP BY week
ORDER BY week DESC
