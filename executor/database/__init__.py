"""The database: what is true about pipelines, runs, artifacts, services and datasets."""
