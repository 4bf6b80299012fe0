-- Which events are to be deleted? Put in the id that you were given.
SELECT uuid
FROM events
WHERE distinct_id = '00000000-0000-4000-8000-000000000000'
