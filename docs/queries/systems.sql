-- Which Pythons, systems, releases and processors must be supported?
SELECT
    properties.os AS os,
    properties.os_release AS os_release,
    properties.machine AS machine,
    properties.python_version AS python_version,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters} AND event = 'launched'
GROUP BY os, os_release, machine, python_version
ORDER BY people DESC
LIMIT 1000
