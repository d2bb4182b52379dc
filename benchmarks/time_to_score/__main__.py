"""`python -m benchmarks.time_to_score`, see `comparison`."""

from benchmarks.time_to_score import comparison

if __name__ == "__main__":
    comparison.main()
