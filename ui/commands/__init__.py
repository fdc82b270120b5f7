"""The commands that the interface adds to `nodegraph`: serve and demo."""
