"""Who asks: cecli, and where its events go by default."""

DEFAULT_HOST = "https://app.posthog.com"
"""Where events go unless the user names another PostHog."""

PROJECT_API_KEY: str | None = None
"""cecli's own PostHog project; a release build sets it, the source tree carries none."""
