"""Data sets as batches: embedded TFDS builders, preparation, splits, and seeded batches."""
