"""Services: models that answer over HTTP as processes of their own, which outlive runs and engines."""
