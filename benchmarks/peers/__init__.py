"""The other sides: what a user would run instead, of keras.io and PyTorch."""
