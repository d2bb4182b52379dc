"""Exports that run without this package: raw inputs in, answers out."""
