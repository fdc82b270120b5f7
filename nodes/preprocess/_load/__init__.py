"""How preprocess.load finds, opens, reads, recognises and normalises data; one idea a module."""
