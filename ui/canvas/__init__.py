"""The canvas element: shows a graph that Python owns, and says what the person at it wants."""
