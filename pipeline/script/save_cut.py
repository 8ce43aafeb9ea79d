"""A fitted cut written to talk.toml; comments and everything else stay as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import KeyType, SingleKey

from pipeline.files import read_text
from pipeline.problems import Source, TalkError
from pipeline.script.fit import Fit
from pipeline.script.lengths import clock


def save_cut(path: Path, name: str, fit: Fit) -> None:
    """Write [cuts.NAME] for `fit`: length, kept parts, slots. A title and comments stay.

    Raises TalkError for a name that no cut can have, or a fit that doesn't fit.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]{0,40}", name):
        raise TalkError(f"`{name}` is no name for a cut", hint="letters, digits, - and _")
    if fit.drops:
        raise TalkError(
            f"nothing was saved: the script doesn't fit {clock(fit.slot_s)}",
            Source(path),
            "drop the words that are named first",
        )
    text = read_text(path, "the talk's settings")
    try:
        saved = with_cut(text, name, fit)
    except TOMLKitError as error:
        raise TalkError(f"not valid TOML: {error}", Source(path)) from None
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(saved, encoding="utf-8", newline="\n")
    temporary.replace(path)


def with_cut(text: str, name: str, fit: Fit) -> str:
    """The text of a talk.toml with the cut in it."""
    document: Any = tomlkit.parse(text)
    cuts = document.get("cuts")
    if cuts is None:
        cuts = document["cuts"] = tomlkit.table(is_super_table=True)
    if name not in cuts:
        fresh = tomlkit.table()
        fresh.add("title", name.replace("-", " ").capitalize())
        cuts[name] = fresh
    cut = cuts[name]
    cut["length"] = clock(fit.slot_s)
    keep = tomlkit.array()
    keep.extend(part.name for part in fit.kept)
    cut["keep"] = keep.multiline(len(fit.kept) > 4)
    if fit.like != name:
        cut["like"] = fit.like
    elif "like" in cut:
        del cut["like"]
    cut["slots"] = _slots(cut.get("slots"), fit)
    return tomlkit.dumps(document)


def _slots(old: Any, fit: Fit) -> Any:
    """A table of the new slots with the comments of the old one."""
    slots, body = tomlkit.table(), old.value.body if old is not None else []
    last = max((index for index, (key, _) in enumerate(body) if key is not None), default=-1)
    for key, item in body[: max(last, 0)]:
        if key is None:
            slots.add(item)
    for label, seconds in fit.slots:
        value = tomlkit.string(clock(seconds))
        if old is not None and label in old and old[label].trivia.comment:
            value.comment(old[label].trivia.comment)
        slots.add(SingleKey(label, KeyType.Basic), value)
    after = [item for key, item in body[last + 1 :] if key is None]
    for item in after or [tomlkit.nl()]:
        slots.add(item)
    return slots
