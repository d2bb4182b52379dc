"""PyTorch is a large optional extra: the tests of its side are there where it is installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("torch") else ["test_torch.py"]
