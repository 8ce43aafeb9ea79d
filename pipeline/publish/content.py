"""What the proof knows of one public file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Anchor:
    """A link that a reader can follow."""

    href: str
    rel: str
    target: str


@dataclass(slots=True)
class FileContent:
    """Everything in one file that the proof looks at; `problem` if it can't be read at all."""

    texts: list[str] = field(default_factory=list)  # each a run of text, words in their order
    loads: list[str] = field(default_factory=list)  # what a browser fetches by itself
    links: list[Anchor] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)  # addresses of its own in <meta>, <link>
    ids: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    scripts: list[str] = field(default_factory=list)  # inline, run by the browser
    styles: list[str] = field(default_factory=list)
    policy: str | None = None
    pages: int = 0
    problem: str = ""
