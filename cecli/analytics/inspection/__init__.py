"""``cecli-analytics``: what people look at, and what they can do."""
