"""A user's own files as prepared TFDS data sets: found out, read, split by content, written."""
