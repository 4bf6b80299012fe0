-- Which crashes happen, and where in the program's own code?
SELECT
    type,
    JSONExtractString(frame, 'module') AS module,
    coalesce(
        nullIf(JSONExtractString(frame, 'resolved_name'), ''), JSONExtractString(frame, 'function')
    ) AS function,
    greatest(JSONExtractInt(frame, 'line'), JSONExtractInt(frame, 'lineno')) AS line,
    source,
    version,
    count() AS crashes,
    count(DISTINCT id) AS people
FROM (
    SELECT
        distinct_id AS id,
        properties.source AS source,
        properties.cecli_version AS version,
        JSONExtractArrayRaw(ifNull(toString(properties.$exception_list), '[]'))[1] AS caught,
        JSONExtractString(caught, 'type') AS type,
        arrayFilter(
            each -> JSONExtractBool(each, 'in_app'),
            JSONExtractArrayRaw(caught, 'stacktrace', 'frames')
        )[-1] AS frame
    FROM events
    WHERE {filters} AND event = '$exception'
)
GROUP BY type, module, function, line, source, version
ORDER BY people DESC, crashes DESC
LIMIT 1000
