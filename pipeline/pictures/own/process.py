"""The process that draws one of the speaker's own charts: started by `own/drawing.py`, by path.

It takes a request (JSON) and leaves an answer beside it; what the speaker's code prints goes where
this process prints.
"""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    # Before anything of ours is imported: the paths of who started it, never the folder it is in.
    sys.path[:] = json.loads(Path(sys.argv[1]).read_text("utf-8"))["path"]
    from pipeline.pictures.own.inside import answer

    answer(Path(sys.argv[1]), Path(sys.argv[2]))
