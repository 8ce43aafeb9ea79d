"""Talks to measure with: this one, its slides and script over and over, and plain ones.

python -m benchmarks.talks DIR [--slides 220]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

OWN = 22  # slides of this talk
LONGEST_S = 24 * 3600  # of a cut
PAIR = 11  # that shares its section with the next one
_HEADING = re.compile(r"(?m)^(?=## )")
_SLOT = re.compile(r"(?m)^## SLIDE ([\d-]+):.*\[([\d.]+ \w+)")
_PART = re.compile(r'(?<=OPTIONAL ")([\w-]+)(?=")')
_CUTS = re.compile(r"(?m)^\[cuts\.full\]\n(?:.*\n)*?(?=\[experiment\])")


def write_talk(folder: Path, slides: int = OWN) -> Path:
    """This talk, its slides over and over until there are so many: at least 22.

    It shows the run of the last build, pinned, and a made-up one where none was built. Each copy
    of a slide has its section in the script, its optional parts and its slots in all cuts. Raises
    ValueError for a number that would end between the two slides of a section.
    """
    from support.made_up import made_up_results

    from pipeline.results import write_results

    if slides < OWN or slides % OWN == PAIR:
        raise ValueError(f"{slides} slides: at least {OWN}, and none ends between slides 11 and 12")
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "talk.toml", folder)
    for name in ("deck", "script"):
        shutil.copytree(ROOT / name, folder / name)
    if (built := ROOT / "out" / "results.json").exists():
        shutil.copy(built, folder / "deck")
    else:
        write_results(made_up_results(), folder / "deck" / "results.json")
    if slides > OWN:
        _repeat_slides(folder / "deck" / "slides", slides)
        script = folder / "script" / "voiceover.md"
        text, settings = script.read_text("utf-8"), folder / "talk.toml"
        script.write_text(repeated_script(text, slides), "utf-8")
        settings.write_text(_repeated_cuts(settings.read_text("utf-8"), text, slides), "utf-8")
    return folder


def _repeat_slides(folder: Path, slides: int) -> None:
    own = sorted(folder.glob("*.md"))
    for at in range(OWN, slides):
        name = own[at % OWN].stem.partition("-")[2]
        shutil.copy(own[at % OWN], folder / f"{at + 1}-{name}-{at // OWN + 1}.md")


def repeated_script(script: str, slides: int) -> str:
    """A script with its sections over and over, their numbers and the names of parts made new."""
    begin = script.index("## SLIDE ")
    pieces, made = _HEADING.split(script[begin:]), list[str]()
    for piece in (piece for piece in pieces if _SLOT.match(piece)):
        section = _SLOT.findall(piece)[0][0]
        for copy, numbers in enumerate(_repeated_numbers(section, slides)):
            new = piece.replace(f"SLIDE {section}", f"SLIDE {numbers}", 1)
            made.append(_PART.sub(rf"{copy + 1}-\1", new) if copy else new)
    made.sort(key=lambda piece: int(piece[len("## SLIDE ") :].partition(":")[0].split("-")[0]))
    return "".join([script[:begin], *made, *(piece for piece in pieces if not _SLOT.match(piece))])


def _repeated_cuts(settings: str, script: str, slides: int) -> str:
    """The settings with each cut as long as its copies, which keep what the first one keeps."""
    from pipeline.lengths import parse_length

    cuts: dict[str, Any] = tomllib.loads(settings)["cuts"]
    parts = _PART.findall(repeated_script(script, slides))
    made = list[str]()
    for name, cut in cuts.items():
        keep, own = cut.get("keep", []), cut.get("slots", {})
        slots, seconds = list[str](), 0
        for section, length in _SLOT.findall(script):
            for numbers in _repeated_numbers(section, slides):
                seconds += parse_length(own.get(section, length)).high_s
                slots += [f'"{numbers}" = "{own[section]}"'] if section in own else []
        seconds = min(seconds, LONGEST_S)
        made += [f"[cuts.{name}]", f'title = "{cut["title"]}"']
        made += [f'length = "{seconds // 60}:{seconds % 60:02}"']
        kept = [part for part in parts if re.sub(r"^\d+-", "", part) in keep]
        made += [f"keep = {json.dumps(kept)}"] if kept else []
        made += [f"[cuts.{name}.slots]", *slots] if slots else []
    return _CUTS.sub(lambda _: "\n".join(made) + "\n\n", settings)


def _repeated_numbers(section: str, slides: int) -> list[str]:
    """A section's numbers in each copy: "11-12", "33-34", …"""
    every = [
        [int(number) + copy * OWN for number in section.split("-")]
        for copy in range(-(-slides // OWN))
    ]
    return ["-".join(map(str, numbers)) for numbers in every if numbers[-1] <= slides]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.talks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--slides", type=int, default=OWN)
    options = parser.parse_args()
    write_talk(options.folder, options.slides)


if __name__ == "__main__":
    main()
