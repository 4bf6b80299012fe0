-- Does signing in to a provider work, and where does it fail?
SELECT
    event AS step,
    properties.provider AS provider,
    coalesce(properties.reason, properties.exception) AS why,
    count() AS times,
    count(DISTINCT distinct_id) AS people
FROM events
WHERE {filters}
    AND event IN (
        'oauth_flow_initiated', 'oauth_flow_code_received', 'oauth_flow_success',
        'oauth_flow_failure', 'oauth_flow_failed', 'oauth_flow_save_failed'
    )
GROUP BY step, provider, why
ORDER BY times DESC
