"""How preprocess.split deals out rows; one idea a module."""
