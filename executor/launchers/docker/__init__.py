"""Runs attempts in containers of a Docker engine on this machine."""
