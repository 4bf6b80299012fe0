"""What every candidate has on its path: see sitecustomize."""
