"""`python -m pipeline`: the same command as `talkwright`."""

import sys

from pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
