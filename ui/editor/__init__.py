"""The editor: a pipeline as it is edited, and the page that shows it."""
