-- Which versions are in use, and which have a problem?
SELECT
    properties.program AS program,
    properties.program_version AS program_version,
    properties.cecli_version AS cecli_version,
    count(DISTINCT distinct_id) AS people,
    countIf(event = 'launched') AS launches,
    countIf(event = '$exception') AS crashes,
    countIf(event = 'exit' AND properties.reason = 'crash') AS ends_by_crash,
    countIf(event = 'message_send_exception') AS failed_messages
FROM events
WHERE {filters}
GROUP BY program, program_version, cecli_version
ORDER BY people DESC
LIMIT 1000
