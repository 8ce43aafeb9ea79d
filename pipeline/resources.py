"""Where the files are that come with this code: templates, and the code itself."""

from __future__ import annotations

from pathlib import Path

CODE = Path(__file__).resolve().parents[1]  # the folder that holds the package `pipeline`
TEMPLATES = CODE / "templates"
