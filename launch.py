"""Trains, evaluates, samples and exports experiments: `python launch.py --experiment=gan`."""

import sys

from tfmodels.launcher import cli

if __name__ == "__main__":
    sys.exit(cli.main())
