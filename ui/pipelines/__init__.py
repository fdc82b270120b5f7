"""The list of pipelines, and the dialogs that make, import, copy and look back at them."""
