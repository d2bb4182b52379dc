"""What keeps an example from being read."""


class Unreadable(Exception):
    """One example that cannot be read; says why. It is left out, and told."""
