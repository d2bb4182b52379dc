"""Trains, evaluates, samples and exports experiments: `python launch.py --experiment=gan`."""

import sys

from experiments import cli

if __name__ == "__main__":
    sys.exit(cli.main())
