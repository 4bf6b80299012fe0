"""What people look at and can do with ``cecli-analytics``: a module for each verb."""
