"""Whether words that fit for certain, as `check` says without a browser, do fit in one.

    python -m benchmarks.words [--changes 100] [--seed 1] [TALK …]

Words of each slide of this talk, or of others that were built, are changed so often; each slide of
which `check` would say that it has no fault is measured in Chromium all the same. Wrong is one that
has a fault there, or whose words stand in more or fewer lines.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.other_words import tried  # noqa: E402
from support.published import this_talk  # noqa: E402

from pipeline.cli.options import TalkOptions  # noqa: E402
from pipeline.cli.project import open_project  # noqa: E402
from pipeline.pages.deck import DeckMaker, deck_input  # noqa: E402
from pipeline.talk import Talk  # noqa: E402


def talks(folders: list[Path], folder: Path) -> Iterator[Talk]:
    """This talk, or those of the folders."""
    if not folders:
        yield this_talk(folder / "talk")
    for one in folders:
        project = open_project(TalkOptions(talk=one))
        yield project.talk(project.measured(), print)


def main() -> int:
    """Try each, print what came of it; exit status 1 where one was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("talks", type=Path, nargs="*", metavar="TALK")
    parser.add_argument("--changes", type=int, default=100, help="of each slide")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    is_wrong = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for at, talk in enumerate(talks(options.talks, folder)):
            cache = folder / str(at)
            deck = DeckMaker(cache).make(deck_input(talk, cache, for_speaker=False))
            found = tried(deck, cache, options.changes, options.seed)
            title = talk.config.talk.title
            print(f"{title}: {found.changes} changes, {found.certain} of them fit for certain, "
                  f"{len(found.wrong)} of those wrong")  # fmt: skip
            for one in found.wrong:
                print(one)
            is_wrong |= bool(found.wrong)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main())
