"""Runs one node inside a process or container: `python -m nodegraph.harness JOB_FILE`.

Needs the standard library and pydantic only. What it tells the engine, it appends to a file of events.
"""
