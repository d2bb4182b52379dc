"""Scores, the baselines that stand beside them, and the pictures that show them."""
