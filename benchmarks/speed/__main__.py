"""`python -m benchmarks.speed`, see `comparison`."""

from benchmarks.speed import comparison

if __name__ == "__main__":
    comparison.main()
