"""The command line: flags to Config, discovery of pages, and one file per mode."""
