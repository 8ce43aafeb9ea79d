"""How long a talk of code and photos takes: `python -m benchmarks.media [--keep DIR]`.

A talk of 22 slides is made, ten with code and ten with a photo of 4,000 by 3,000 pixels, and built
by the command as a user would: the first time, with nothing to do, and after one slide changed.
Aim: at most 5 s the first time, on two idle cores.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks import timing

SETTINGS = """[talk]
title = "Code and photos"
speaker = "Nobody"
"""
CODE = '''```python {{1-2|4-6|all}} numbers
def turn_{n}(values: list[float]) -> float:
    """The mean of what is above {n}."""

    kept = [value for value in values if value > {n}]
    total = sum(kept)
    return total / len(kept) if kept else 0.0
```
'''


def slide(layout: str, title: str, body: str) -> str:
    return f"---\nlayout: {layout}\ntitle: {title}\ntime: 1m\n---\n{body}\n"


def photo(seed: int) -> Image.Image:
    """Soft shapes with grain, as a camera's picture: about 4 MB as JPEG."""
    shades = Image.effect_noise((40 + seed, 30), 90).resize((4000, 3000), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((4000, 3000), 24)
    mixed = Image.blend(shades, grain, 0.25)
    return Image.merge("RGB", (mixed, shades, mixed.transpose(Image.Transpose.ROTATE_180)))


def write_talk(folder: Path) -> None:
    slides = folder / "deck" / "slides"
    slides.mkdir(parents=True)
    (folder / "talk.toml").write_text(SETTINGS)
    (slides / "01-title.md").write_text(slide("title", "Code and photos", "Twenty-two slides"))
    for n in range(10):
        code = slide("code", f"Code {n}", CODE.format(n=n))
        (slides / f"{2 * n + 2:02}-code-{n}.md").write_text(code)
        photo(n).save(slides / f"photo {n}.jpg", quality=92)
        shown = slide("picture", f"Photo {n}", f"![Clouds, number {n}](<photo {n}.jpg>)")
        (slides / f"{2 * n + 3:02}-photo-{n}.md").write_text(shown)
    (slides / "22-end.md").write_text(slide("closing", "The end", "Thanks"))


def build(folder: Path) -> float:
    """Seconds of one build, the whole process."""
    return timing.build("--talk", folder).seconds


@contextlib.contextmanager
def place(kept: Path | None) -> Iterator[Path]:
    if kept:
        yield kept
    else:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name) / "talk"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the talk there, and keep it")
    with place(parser.parse_args().keep) as folder:
        write_talk(folder)
        photos = sum(path.stat().st_size for path in folder.glob("deck/slides/*.jpg"))
        print(f"ten photos       {photos / 1e6:.0f} MB")
        print(f"first build      {build(folder):.2f} s")
        print(f"nothing to do    {build(folder):.2f} s")
        changed = folder / "deck" / "slides" / "02-code-0.md"
        changed.write_text(changed.read_text().replace("Code 0", "Code nought"))
        print(f"one slide new    {build(folder):.2f} s")
        files = [path for path in (folder / "out" / "speaker").rglob("*") if path.is_file()]
        print(f"speaker's pages  {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
