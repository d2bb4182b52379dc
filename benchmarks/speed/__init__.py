"""Time of a training step beside that of other sides."""
