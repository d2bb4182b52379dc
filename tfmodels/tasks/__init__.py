"""Tasks: what is learned on which data, and how it is scored, shown and exported."""
