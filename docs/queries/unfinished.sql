-- After what did a session vanish, without an exit?
SELECT
    last_event,
    version,
    count() AS sessions,
    countIf(crashes > 0) AS after_a_crash
FROM (
    SELECT
        properties.$session_id AS session,
        argMax(event, timestamp) AS last_event,
        any(properties.cecli_version) AS version,
        countIf(event = 'launched') AS launches,
        countIf(event = 'exit') AS exits,
        countIf(event = '$exception') AS crashes
    FROM events
    WHERE {filters} AND properties.$session_id IS NOT NULL
    GROUP BY session
    HAVING launches > 0 AND exits = 0 AND max(timestamp) < now() - INTERVAL 1 DAY
)
GROUP BY last_event, version
ORDER BY sessions DESC
LIMIT 1000
