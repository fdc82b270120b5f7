"""The settings page: language, appearance, secrets, this machine, and what NodeGraph is made of."""
