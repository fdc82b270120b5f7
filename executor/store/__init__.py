"""The artifact store: results by their content, immutable, checked when they are used again."""
