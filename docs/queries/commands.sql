-- Which commands are used, and which does nobody find?
SELECT command, sum(times_used) AS uses, sum(users) AS people
FROM (
    SELECT event AS command, count() AS times_used, count(DISTINCT distinct_id) AS users
    FROM events
    WHERE {filters} AND startsWith(event, 'command_')
    GROUP BY command
    UNION ALL
    SELECT arrayJoin([
        'command_add', 'command_architect', 'command_ask', 'command_chat-mode',
        'command_clear', 'command_code', 'command_commit', 'command_context',
        'command_copy', 'command_copy-context', 'command_diff', 'command_drop',
        'command_edit', 'command_editor', 'command_editor-model', 'command_exit',
        'command_git', 'command_help', 'command_lint', 'command_load', 'command_ls',
        'command_map', 'command_map-refresh', 'command_model', 'command_models',
        'command_multiline-mode', 'command_paste', 'command_quit', 'command_read-only',
        'command_reasoning-effort', 'command_report', 'command_reset', 'command_run',
        'command_save', 'command_settings', 'command_test', 'command_think-tokens',
        'command_tokens', 'command_undo', 'command_voice', 'command_weak-model',
        'command_web'
    ]) AS command, 0 AS times_used, 0 AS users
)
GROUP BY command
ORDER BY uses, command
LIMIT 1000
