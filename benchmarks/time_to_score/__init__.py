"""Whole commands against the published recipes of others: seconds until a score is reached."""
