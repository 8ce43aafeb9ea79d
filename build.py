"""The command `talkwright` where it isn't installed. See `python build.py --help`."""

import sys

from pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
