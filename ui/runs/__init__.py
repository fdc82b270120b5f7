"""The pages on runs: the table of all of them, and one run from its first node to its artifacts."""
