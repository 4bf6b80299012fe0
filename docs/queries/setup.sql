-- Is anything stored that the events ask not to store? All numbers but the first should be 0.
SELECT
    properties.$lib AS library,
    properties.$lib_version AS version,
    count() AS events,
    countIf(ifNull(toString(properties.$ip), '0.0.0.0') != '0.0.0.0') AS with_an_address,
    countIf(ifNull(toString(properties.$geoip_disable), '') != 'true') AS may_have_a_place,
    countIf(ifNull(toString(properties.$process_person_profile), '') != 'false') AS may_have_a_person
FROM events
WHERE {filters}
GROUP BY library, version
ORDER BY events DESC
