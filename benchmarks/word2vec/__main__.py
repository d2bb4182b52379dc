"""`python -m benchmarks.word2vec`, see `comparisons`."""

from benchmarks.word2vec import comparisons

if __name__ == "__main__":
    comparisons.main()
