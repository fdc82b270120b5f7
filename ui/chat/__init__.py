"""Conversations with services: kept by the server, shown on any page."""
