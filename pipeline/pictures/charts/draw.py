"""Charts of the run as SVG, drawn with matplotlib in the deck's typeface and theme colours.

matplotlib is imported only while drawing: a build whose charts are cached doesn't load it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from pipeline.palette import LIGHT
from pipeline.pictures.charts.examples import (
    draw_confidences,
    draw_few_confidences,
    draw_next_token,
)
from pipeline.pictures.charts.scores import draw_compare, draw_confusion, draw_elsewhere
from pipeline.pictures.charts.training import draw_f1_by_epoch, draw_loss, draw_overfitting
from pipeline.pictures.picture import Picture
from pipeline.results import Results, digest_of


def draw_figures(results: Results) -> dict[str, Picture]:
    """Name -> chart of everything that the run measured. The same results give the same bytes.

    A chart's viewBox is the size in px at which it is meant to stand on a 1280 × 720 slide.
    """
    makers: list[Callable[[Results], Picture]] = [
        draw_compare,
        draw_loss,
        draw_f1_by_epoch,
        draw_overfitting,
        draw_confusion,
        draw_confidences,
        draw_few_confidences,
        *(partial(draw_next_token, index=at) for at in range(len(results.next_tokens))),
    ]
    if results.elsewhere:
        makers.append(draw_elsewhere)
    return {picture.name: picture for picture in (make(results) for make in makers)}


def cached_figures(results: Results, cache: Path) -> dict[str, Picture]:
    """The same, kept in the folder `cache` under the results' digest and the drawing code's hash.

    A broken or cut-off file there is drawn again; a folder that can't be written is done without.
    """
    return cached(cache, f"figures-{digest_of(results)}", lambda: draw_figures(results))


def cached(cache: Path, key: str, draw: Callable[[], dict[str, Picture]]) -> dict[str, Picture]:
    """Pictures from the file for `key` and this version of the drawing code, or drawn and kept."""
    digest = hashlib.sha256(f"{key} {drawing_code()}".encode()).hexdigest()
    path = cache / f"{key.split('-')[0]}-{digest[:32]}.json"
    try:
        raw = path.read_bytes()
        seal, _, body = raw.partition(b"\n")
        if seal.decode() == hashlib.sha256(body).hexdigest():
            return msgspec.json.decode(body, type=dict[str, Picture])
    except (OSError, ValueError):
        pass
    pictures = draw()
    body = msgspec.json.encode(pictures)
    part = path.with_name(path.name + ".part")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        part.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
    return pictures


def drawing_code() -> str:
    """sha256 over the modules that draw, the formats of their numbers and the theme's colours."""
    room = Path(__file__).parents[1]
    files = [*sorted(room.rglob("*.py")), room.parent / "numbers" / "formats.py"]
    code = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(code + repr(LIGHT).encode()).hexdigest()
