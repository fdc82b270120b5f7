"""Serves one model behind an OpenAI-compatible HTTP interface: `python -m nodes.deploy._server`."""
