-- What does a session cost?
SELECT
    count() AS sessions,
    round(median(dollars), 2) AS median_dollars,
    round(quantile(0.9)(dollars), 2) AS one_in_ten_costs_more_than,
    round(max(dollars), 2) AS most_dollars
FROM (
    SELECT properties.$session_id AS session, max(toFloat(properties.total_cost)) AS dollars
    FROM events
    WHERE {filters} AND event = 'message_send' AND properties.$session_id IS NOT NULL
    GROUP BY session
)
