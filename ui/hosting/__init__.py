"""The page of hosts, in parts: what each has and who uses it, and who waits for a place."""
