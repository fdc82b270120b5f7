"""The rules of preprocess.clean, one idea a module."""
