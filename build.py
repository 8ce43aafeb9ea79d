"""One command builds the talk: measure, draw, join, show. See `python build.py --help`."""

import sys

from pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
