"""What is trained: one file per experiment, each a docstring, a Config and one function."""
