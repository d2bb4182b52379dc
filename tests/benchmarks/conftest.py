"""PyTorch is a large optional extra: the tests of its side are there where it is installed."""

import importlib.util

collect_ignore = ["test_torch.py"]
if importlib.util.find_spec("torch"):
    from benchmarks.speed import comparison
    collect_ignore = []
    comparison.import_torch()  # before a test imports TensorFlow
