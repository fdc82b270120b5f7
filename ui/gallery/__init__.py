"""The gallery: templates as cards with a picture of their graph, and the way to a pipeline of one's own."""
