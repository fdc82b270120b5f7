"""REST under /api/v1, /healthz and /metrics: thin routes over executor.services."""
