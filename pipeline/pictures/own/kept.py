"""The speaker's own charts as pages show them: kept with what they were drawn from.

Only `draw_figures` runs anything; whatever shows pages takes what is kept, and says so where it
no longer fits.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pipeline.files import keep, kept_bytes
from pipeline.hashes import sha256_of
from pipeline.measured import Measured, Tree, Value, parts_of, plain_tree
from pipeline.numbers.fill import Numbers
from pipeline.pictures.own.source import figure_files, figure_texts
from pipeline.pictures.own.values import digest_at, node_at, tree_of_all
from pipeline.pictures.picture import Picture, Pictures, drawing_code
from pipeline.pictures.text import text_width
from pipeline.pictures.theme import FAMILY, MYTH, SMALL, SOFT, STRONG, SVG, themed
from pipeline.talk import Talk


class Drawn(msgspec.Struct, frozen=True):
    """A drawing and all that it was made from."""

    picture: Picture
    reads: dict[str, str]  # places of what was read -> its digest
    places: tuple[str, ...]  # those of numbers
    files: dict[str, str]  # from the talk's folder -> sha256
    code: str  # of this tool, that drew it


class OwnFigure(msgspec.Struct, frozen=True):
    """One of the speaker's charts, as it can be shown now."""

    name: str
    file: Path
    drawn: Drawn | None  # the last drawing; None: there is none
    changed: tuple[str, ...] = ()  # since it was drawn: files, measurements

    @property
    def places(self) -> tuple[str, ...]:
        """Of the measured numbers that it shows."""
        return self.drawn.places if self.drawn else ()


def own_figures(
    root: Path, measured: Measured, cache: Path, wanted: Collection[str]
) -> dict[str, OwnFigure]:
    """Those of the figures with these names that the speaker draws, as they are kept."""
    files, found = figure_files(root), dict[str, OwnFigure]()
    tree: dict[str, Tree] | None = None
    for name in sorted(files.keys() & set(wanted)):
        tree = tree_of_all(measured) if tree is None else tree
        made = _read(_path(cache, name))
        changed = _changed(made, tree, root) if made else ()
        found[name] = OwnFigure(name, files[name], made, changed)
    return found


def figures_of(talk: Talk, cache: Path) -> dict[str, OwnFigure]:
    """Those that the slides of a talk show."""
    return own_figures(talk.config.root, talk.measured, cache, _wanted(talk))


def files_behind(talk: Talk, cache: Path) -> set[Path]:
    """What the own charts of a talk are made from, and where they are kept: when one changes, so
    does what is shown.
    """
    root, found = talk.config.root, set[Path]()
    files = figure_files(root)
    for name in files.keys() & _wanted(talk):
        path = _path(cache, name)
        made = _read(path)
        found |= {files[name], path, *(root / other for other in (made.files if made else ()))}
    return found


def _wanted(talk: Talk) -> set[str]:
    slides = (*talk.slides, *talk.hidden)
    return {use.name for slide in slides for use in slide.pictures if use.kind == "figure"}


def draw_figures(
    talk: Talk, cache: Path, say: Callable[[str], None], allow: Callable[[Sequence[Path]], None]
) -> None:
    """Draw those that no longer fit, in processes of their own; `allow` is asked before the first.

    Raises TalkError with the line of the speaker's code that failed; what was drawn before stays.
    """
    root, measured = talk.config.root, talk.measured
    figures = own_figures(root, measured, cache, _wanted(talk)).values()
    if not figures:
        return
    from importlib.metadata import version

    code = f"{drawing_code()} {version('matplotlib')}"
    stale = [one for one in figures if not one.drawn or one.changed or one.drawn.code != code]
    if not stale:
        return
    from pipeline.pictures.own.drawing import drawn

    allow([one.file for one in stale])
    tree = tree_of_all(measured)
    plain = {name: plain_tree(value) for name, value in tree.items()}
    for one in stale:
        say(f"figure {one.name}: drawn anew")
        picture, answer = drawn(one.file, root, plain, say)
        picture = replace(picture, name=one.name)
        files = {_relative(Path(path), root): _hash(Path(path)) for path in answer.files}
        files[_relative(one.file, root)] = _hash(one.file)
        reads = {at: digest_at(tree, at) for at in answer.reads}
        numbers = tuple(at for at in reads if isinstance(node_at(tree, at), Value))
        made = Drawn(picture, reads, numbers, dict(sorted(files.items())), code)
        with suppress(OSError):
            keep(_path(cache, one.name), msgspec.json.encode(made))


def pictures_of_figures(figures: Collection[OwnFigure], numbers: Numbers) -> Pictures:
    """What the slides show: the kept drawings; one that no longer fits says so.

    Placeholders in the words that a figure's file holds are filled. Raises TalkError with the line.
    """
    return {one.name: _shown(one, numbers) for one in figures}


def _shown(figure: OwnFigure, numbers: Numbers) -> Picture:
    if figure.drawn is None:
        said = f"{figure.name} is not drawn yet: a build draws it"
        return Picture(figure.name, _blank(said), figure.name, said)
    picture = _filled(replace(figure.drawn.picture, places=figure.places), figure.file, numbers)
    if not figure.changed:
        return picture
    said = f"stale: {', '.join(Path(name).name for name in figure.changed)}"
    narrow = _marked(picture.narrow, said) if picture.narrow else ""
    return replace(picture, svg=_marked(picture.svg, said), narrow=narrow)


def _filled(picture: Picture, file: Path, numbers: Numbers) -> Picture:
    """With values in its title and its alt text, where the file itself holds them as text."""
    said = [picture.title, picture.desc]
    for _, text, source in figure_texts(file) if "{{" in "".join(said) else ():
        said = [numbers.fill(one, source).plain if one == text else one for one in said]
    return replace(picture, title=said[0], desc=said[1])


def _marked(svg: str, said: str) -> str:
    """The drawing with a word in its upper right corner."""
    width = float((re.search(r'viewBox="0 0 ([\d.]+)', svg) or ["", "0"])[1])
    look = themed(f"font-size: {SMALL}px; font-weight: {STRONG}; fill: {MYTH}; text-anchor: end")
    words = f'<text x="{width:g}" y="{SMALL}" style="{look}">{html.escape(said)}</text>'
    return re.sub(r"</svg>\s*$", lambda _: f"{words}\n</svg>", svg)


def _blank(said: str) -> str:
    width, height = max(540.0, text_width(said, SMALL) + 80), 240
    look = themed(f"font-size: {SMALL}px; fill: {SOFT}; text-anchor: middle")
    frame = themed(f"fill: none; stroke: {SOFT}; stroke-width: 3; stroke-dasharray: 9 9")
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {width:g} {height}" class="chart" '
        f'font-family="{FAMILY}">\n<rect x="2" y="2" width="{width - 4:g}" height="{height - 4}" '
        f'style="{frame}"/>\n<text x="{width / 2:g}" y="{height / 2 + 8:g}" style="{look}">'
        f"{html.escape(said)}</text>\n</svg>"
    )


# --- Kept ---------------------------------------------------------------------------------------


def _path(cache: Path, name: str) -> Path:
    return cache / "figures" / f"own-{name}.json"


def _read(path: Path) -> Drawn | None:
    try:
        return msgspec.json.decode(kept_bytes(path) or b"", type=Drawn)
    except msgspec.DecodeError:  # none, or of another version
        return None


def _changed(made: Drawn, tree: dict[str, Tree], root: Path) -> tuple[str, ...]:
    """What has changed since: files, and measurements by their names."""
    files = [name for name, digest in made.files.items() if _hash(root / name) != digest]
    read = [at for at, digest in made.reads.items() if digest_at(tree, at) != digest]
    return (*files, *dict.fromkeys(str(parts_of(at)[0]) if at else "measurements" for at in read))


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _hash(path: Path) -> str:
    """sha256 of a file; empty where it is gone."""
    try:
        return sha256_of(path)
    except OSError:
        return ""
