"""What a run has made, for people to look at: previews, logs, numbers with units."""
