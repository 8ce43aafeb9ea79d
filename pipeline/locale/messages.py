"""The words of our own pages as the code has them, and the catalogues that hold them elsewhere.

`python -m pipeline.locale.messages` brings the catalogues up to the code: new messages come in
empty, those that nothing says any more go.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pipeline.files import write_whole
from pipeline.locale.catalogue import FOLDER
from pipeline.locale.how import JOINS, PARTS
from pipeline.locale.locale import WHOLE
from pipeline.resources import TEMPLATES

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_TR = re.compile(
    rf"\btr(?:\(\s*(?P<one>{_STRING})|Many\(\s*(?P<of>{_STRING}),\s*(?P<many>{_STRING}))"
)
_WIDTH = 100
# Without the dates and names that gettext's own tools write: the same messages, the same bytes.
_HEADER = """# The words of our own pages.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""


class Message(msgspec.Struct, frozen=True):
    """What a page says in English; with `plural`, of a number of things."""

    text: str
    plural: str = ""


def of_script(code: str) -> tuple[Message, ...]:
    """What browser code says by `tr("…")` and `trMany("…", "…", n)`, in its order."""
    found = (
        Message(json.loads(at["one"] or at["of"]), json.loads(at["many"] or '""'))
        for at in _TR.finditer(code)
    )
    return tuple(dict.fromkeys(found))


def of_template(source: str) -> tuple[Message, ...]:
    """What a template says by `say("one")` or `say("one", "many", n=…)`."""
    import jinja2
    from jinja2 import nodes

    found = []
    for call in jinja2.Environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            said = [one.value for one in call.args if isinstance(one, nodes.Const)]
            found.append(Message(*said[:2]))
    return tuple(dict.fromkeys(found))


def of_module(source: str) -> tuple[Message, ...]:
    """What a module says by `locale.say("…")`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _is_say(node.func):
            args = (one.value for one in node.args if isinstance(one, ast.Constant))
            if said := [one for one in args if isinstance(one, str)]:
                found.append(Message(*said[:2]))
    return tuple(dict.fromkeys(found))


def _is_say(called: ast.expr) -> bool:
    """Whether it is the method of a locale: `locale.say`, `page.config.locale.say`."""
    if not (isinstance(called, ast.Attribute) and called.attr == "say"):
        return False
    owner = called.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name == "locale"


def all_messages() -> tuple[Message, ...]:
    """All that the pages say."""
    package = Path(__file__).resolve().parents[1]
    found = [
        message
        for ending, folder, read in (
            ("*.py", package, of_module),
            ("*.html.j2", TEMPLATES, of_template),
            ("*.js", TEMPLATES, of_script),
        )
        for path in sorted(folder.rglob(ending))
        for message in read(path.read_text("utf-8"))
    ]
    hows = map(Message, (*PARTS, *JOINS.values()))
    return tuple(dict.fromkeys((*found, *hows)))


def refresh(language: str, messages: Iterable[Message]) -> tuple[int, int]:
    """Bring one catalogue up to the messages; how many there are, and how many say nothing yet.

    Its header, with the plurals, stays as it is.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    path = FOLDER / f"{language}.po"
    header = _HEADER.format(language=language, plurals=Catalog(language).plural_forms)
    known = path.read_text("utf-8") if path.is_file() else header
    header = known.partition("\n\n")[0] + "\n\n"
    old = read_po(io.StringIO(known), locale=language)
    made = read_po(io.StringIO(header), locale=language)
    for message in messages:
        ids = (message.text, message.plural) if message.plural else message.text
        said = old.get(message.text)
        made.add(ids, said.string if said else None)
    written = io.BytesIO()
    write_po(written, made, _WIDTH, no_location=True, omit_header=True, sort_output=True)
    write_whole(path, header.encode() + written.getvalue())
    return len(made), sum(not one.string or not all(one.string) for one in made if one.id)


def main() -> None:
    """Refresh all catalogues, and say what is missing."""
    messages = all_messages()
    for language in WHOLE[1:]:
        count, missing = refresh(language, messages)
        sys.stdout.write(f"{language}: {count} messages, {missing} not translated\n")


if __name__ == "__main__":
    main()
