"""A small talk with code on its slides, for tests."""

from __future__ import annotations

from pathlib import Path

from pipeline.config import load_config
from pipeline.measured import NOTHING
from pipeline.slides.layouts import load_layouts
from pipeline.talk import Talk, load_talk

SETTINGS = """\
[talk]
title = "Code"
speaker = "A developer"
language = "en"

[pace]
words_per_minute = 120

[cuts.full]
length = "1:00"
"""
PYTHON = """\
def train(model, data):
    for batch in data:  # all of it
        loss = model(**batch).loss

    return f"{loss:.3f} <&>"
"""
SLIDES = {
    "01-code.md": "---\nlayout: title\ntitle: Code\n---\nIn `a -> b`\n",
    "02-steps.md": (
        "---\nlayout: code\ntitle: In three steps\n---\n"
        f'```python {{1|2-3|all}} numbers=10 title="src/train.py"\n{PYTHON}```\n'
    ),
    "03-two.md": (
        "---\nlayout: code\ntitle: Before and after\n---\n"
        "::: left step\n```diff {2-3}\n import os\n-os.exit()\n+sys.exit()\n```\n:::\n"
        "::: right\n- `git log --oneline`\n- `x <= y`, `0O1lI|`\n:::\n"
    ),
    "04-wide.md": (
        "---\nlayout: figure\ntitle: Code that is too wide\n---\n"
        f"::: left\n```sh\necho {'wide ' * 30}\n```\n:::\n"
    ),
    "05-end.md": "---\nlayout: closing\ntitle: The end\n---\nThanks\n",
}


def write_code_talk(root: Path, *, wide: bool = True) -> Talk:
    """Write it and load it; `wide`: with the slide that is too wide."""
    folder = root / "deck" / "slides"
    folder.mkdir(parents=True)
    (root / "talk.toml").write_text(SETTINGS, "utf-8")
    for name, text in SLIDES.items():
        if wide or "wide" not in name:
            (folder / name).write_text(text, "utf-8")
    return load_talk(load_config(root), NOTHING, load_layouts())
