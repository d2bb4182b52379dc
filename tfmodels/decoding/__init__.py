"""Texts token by token, and beam search."""
