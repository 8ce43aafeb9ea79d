"""What slides of other tools hold beyond Markdown -> what ours read: HTML, attributes, braces.

Each rule takes one thing and says what became of it; the ledger has what is gone, as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from pipeline.imports.deck import Deck, Ledger
from pipeline.imports.pictures import Pictures
from pipeline.imports.text import Piece
from pipeline.paths import plain_name
from pipeline.problems import Source

_NAME = r"[A-Za-z][\w.:-]*"
_ATTRIBUTES = r"""(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>`]+))?)*"""
_TAG = re.compile(rf"<({_NAME})({_ATTRIBUTES})\s*/?>|</({_NAME})\s*>")
_ATTRIBUTE = re.compile(
    r"""(?<![^\s"'<>/=])([^\s"'<>/=]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+))"""
)
_OPENED = re.compile(r"<(style|script|svg|iframe|template|object|canvas)\b[^<>]*>", re.IGNORECASE)
_WHOLE = re.compile(rf"{_OPENED.pattern}.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SIGNS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
    **dict.fromkeys(("code", "tt", "samp"), "`"),
}
_KEPT = ("br", "wbr", "kbd", "mark", "sub", "sup")
_PLAIN = frozenset(
    """
a abbr article aside audio big blockquote body button center col colgroup dd details dfn div dl dt
embed figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html input ins li link
main math meta nav ol p picture pre q section select small source span style sub summary sup table
tbody td textarea tfoot th thead track tr u ul video img
""".split()  # noqa: SIM905 -- sixty names
)
_PICTURE = re.compile(
    r"!\[(?P<alt>(?:[^\[\]\n\\]|\\.|\[[^\[\]\n]*\])*+)\]"
    r"\([ \t]*(?P<address><[^<>\n]*>|(?:[^\s()]|\([^\s()]*\))*)"
    r"(?:[ \t]+(?P<title>\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)(?P<attributes>\{[^{}\n]*\})?"
)
_LINK = re.compile(
    r"(?<!!)\[(?P<words>(?:[^\[\]\n\\]|\\.|\[[^\[\]\n]*\])*+)\]"
    r"\([ \t]*(?P<address><[^<>\n]*>|(?:[^\s()]|\([^\s()]*\))*)"
    r"(?:[ \t]+(?P<title>\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)(?P<attributes>\{[^{}\n]*\})?"
)
_BY_LABEL = re.compile(r"(!?)\[((?:[^\[\]\n])+)\](?:\[([^\[\]\n]*)\])?(?![(:])")
_DEFINED = re.compile(r"^ {0,3}\[([^\]^\n][^\]\n]*)\]:[ \t]*(\S+.*)$", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^([^\[\]\s]++)\](:?)")
_INLINE_NOTE = re.compile(r"\^\[((?:(?!\^\[)[^\]\n])*+)\]")
_FORMULA = re.compile(r"\$\$.+?\$\$|(?<!\\)\$[^\s$][^$\n]*\$", re.DOTALL)
_SPAN = re.compile(
    rf"(?P<formula>{_FORMULA.pattern})"
    r"|(?<![!\]\\])\[(?P<words>[^\[\]\n]*)\]\{[^{}\n]*\}"
    r"|(?<=[\])`])\{[^{}\n]*\}|^[ \t]*\{[^{}%#\n][^{}\n]*\}[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_BRACES = re.compile(r"\{(?=[{%#])")
_PART = re.compile(r"^([ \t]*):(?=::)", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<(?=<{6} )|>(?=>{6} )|\|(?=\|{6} ))", re.MULTILINE)
_HABIT = re.compile(
    r"^([ \t]*)((?:speaker |presenter )?notes?:)(?=\s|$)|^([ \t]*)(\.notes:|\^(?=\s)|\?\?\?)",
    re.MULTILINE | re.IGNORECASE,
)
_ENTITY = {"<": "&lt;", ">": "&gt;", "|": "&#124;"}


class _Wholes:
    """HTML that goes with all in it, in one pass, however many of its tags never end."""

    match = _WHOLE.match

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        last, endless = 0, set[str]()
        for opened in _OPENED.finditer(text):
            name = opened[1].lower()
            if opened.start() < last or name in endless:
                continue
            found = _WHOLE.match(text, opened.start())
            if found:
                last = found.end()
                yield found
            else:
                endless.add(name)


class Cleaner(msgspec.Struct, frozen=True):
    """Makes pieces of one deck such as our slides read them."""

    deck: Deck
    pictures: Pictures
    ledger: Ledger
    names: Mapping[int, str]  # slide -> its name, for links from slide to slide

    def clean(self, piece: Piece) -> Piece:
        """A piece of what is shown."""
        for rule in self._rules():
            piece = rule(piece)
        return piece

    def plain(self, piece: Piece) -> Piece:
        """A piece of what is said: no pictures, no HTML, no placeholders."""
        for rule in (self._comments, self._wholes, self._unlabelled, self._said_pictures):
            piece = rule(piece)
        for rule in (self._said_tags, self._attributes, self._braces):
            piece = rule(piece)
        return piece

    def _rules(self) -> tuple[Callable[[Piece], Piece], ...]:
        return (
            self._comments,
            self._wholes,
            self._inline_notes,
            self._tags,
            self._unlabelled,
            self._shown_pictures,
            self._links,
            self._attributes,
            self._formulas,
            self._braces,
            self._signs,
        )

    def _comments(self, piece: Piece) -> Piece:
        return piece.edited(_COMMENT, self._dropped("a comment"))

    def _wholes(self, piece: Piece) -> Piece:
        def drop(found: re.Match[str], at: Source) -> str:
            self.ledger.left_out(at, f"HTML, <{found[1].lower()}>", found[0])
            return ""

        return piece.edited(_Wholes(), drop)

    def _dropped(self, what: str) -> Callable[[re.Match[str], Source], str]:
        def drop(found: re.Match[str], at: Source) -> str:
            self.ledger.left_out(at, what, found[0])
            return ""

        return drop

    # --- HTML ------------------------------------------------------------------------------------

    def _tags(self, piece: Piece) -> Piece:
        links: list[str] = []
        ends = {found[3].lower() for found in _TAG.finditer(piece.text) if found[3]}

        def change(found: re.Match[str], at: Source) -> str:
            name = (found[1] or found[3]).lower()
            said = {key.lower(): a or b or c for key, a, b, c in _ATTRIBUTE.findall(found[2] or "")}
            if name == "a":
                return self._anchor(found, said, links)
            if name in ("img", "video", "source") and found[1] and said.get("src"):
                others = {k: v for k, v in said.items() if k not in ("src", "alt")}
                if others or name != "img":
                    self.ledger.changed(at, f"HTML, <{name}>: as a picture", found[0])
                return f"![{said.get('alt', '')}](<{said['src']}>)"
            if name in _SIGNS:
                return _SIGNS[name]
            if name in _KEPT:
                if found[2] and found[2].strip():
                    self.ledger.left_out(at, f"attributes of <{name}>", found[0])
                return f"<{name}>" if found[1] else f"</{name}>"
            if (
                name == "li"
                and found[1]
                and not piece.text[: found.start()].rsplit("\n", 1)[-1].strip()
            ):
                return "- "
            is_text = name not in _PLAIN and name not in ends and not (found[2] or "").strip()
            if is_text and found[1] and not found[0].endswith("/>"):
                return found[0]  # no element: <file>, Vec<T>
            if found[1]:
                self.ledger.left_out(at, f"HTML, <{found[1]}>", found[0])
            return ""

        return piece.edited(_TAG, change)

    def _anchor(self, found: re.Match[str], said: Mapping[str, str], links: list[str]) -> str:
        if found[1]:
            links.append(said.get("href", ""))
            return "[" if links[-1] else ""
        address = links.pop() if links else ""
        return f"](<{address}>)" if address else ""

    def _said_tags(self, piece: Piece) -> Piece:
        def change(found: re.Match[str], at: Source) -> str:
            name = (found[1] or found[3]).lower()
            if (found[2] or "").strip():
                self.ledger.left_out(at, "HTML in the notes", found[0])
            is_known = name in _PLAIN or name in _KEPT or name in _SIGNS
            return _SIGNS.get(name, " " if name == "br" else "") if is_known else found[0]

        return piece.edited(_TAG, change)

    # --- Links and pictures ----------------------------------------------------------------------

    def _unlabelled(self, piece: Piece) -> Piece:
        """Links and pictures by label get their address, which is defined somewhere in the file."""
        known = self.deck.addresses
        if not known:
            return piece

        def define(found: re.Match[str], at: Source) -> str:
            if found[1].lower() in known:
                self.ledger.changed(at, "a link's address, put where it is used", found[0])
                return ""
            return found[0]

        def resolve(found: re.Match[str], at: Source) -> str:
            address = known.get((found[3] or found[2]).lower())
            if not address:
                return found[0]
            if found[3]:
                self.ledger.changed(at, "a link by a label, with its address", found[0])
            return f"{found[1]}[{found[2]}](<{address}>)"

        return piece.edited(_DEFINED, define).edited(_BY_LABEL, resolve)

    def _shown_pictures(self, piece: Piece) -> Piece:
        def change(found: re.Match[str], at: Source) -> str:
            address, alt = found["address"].strip("<>"), " ".join(found["alt"].split())
            if found["attributes"]:
                self.ledger.left_out(at, "attributes of a picture", found[0])
            name = self.pictures.kept(address, at)
            if not name:
                return self._instead(address, alt)
            if not alt:
                alt = self.pictures.words(address)
                self.ledger.changed(at, f"a picture without words, called “{alt}”", found[0])
            title = f" {found['title']}" if found["title"] else ""
            return f"![{alt}]({_path(name)}{title})"

        return piece.edited(_PICTURE, change)

    def _instead(self, address: str, alt: str) -> str:
        """What stands for a picture that isn't there: its words, linked to it on the web."""
        if re.match("https?://", address):
            return f"[{alt or 'Picture'}]({_path(address)})"
        return f"*{alt}*" if alt.strip("*_ ") else ""

    def _said_pictures(self, piece: Piece) -> Piece:
        return piece.edited(_PICTURE, self._dropped("a picture in the notes"))

    def _links(self, piece: Piece) -> Piece:
        def change(found: re.Match[str], at: Source) -> str:
            words, address = found["words"], found["address"].strip("<>")
            if found["attributes"]:
                self.ledger.left_out(at, "attributes of a link", found[0])
            if re.match(r"https?://|mailto:", address):
                title = f" {found['title']}" if found["title"] else ""
                return f"[{words}]({_path(address)}{title})"
            if target := self._slide(address):
                return f"[{words}](#/{target})"
            if name := self.pictures.kept_file(address):
                return f"[{words}]({_path(name)})"
            self.ledger.left_out(at, "a link that leads nowhere in this talk", found[0])
            return words

        return piece.edited(_LINK, change)

    def _slide(self, address: str) -> str:
        """The name of the slide that an address within the deck leads to."""
        label = unquote(address).removeprefix("#").strip("/")
        if not address.startswith(("#", "/")) or not label:
            return ""
        if label in self.deck.anchors:
            return self.names.get(self.deck.anchors[label], "")
        if label.isdecimal() and len(label) < 6:
            counts_from_0 = self.deck.kind in ("revealmd", "quarto", "pandoc")
            return self.names.get(int(label) + counts_from_0, "")
        return next((name for name in self.names.values() if name == plain_name(label)), "")

    # --- Signs -----------------------------------------------------------------------------------

    def _inline_notes(self, piece: Piece) -> Piece:
        """`^[words]` becomes a footnote below."""
        notes: list[str] = []

        def change(found: re.Match[str], at: Source) -> str:
            notes.append(found[1])
            return f"[^note{len(notes)}]"

        piece = piece.edited(_INLINE_NOTE, change)
        return with_footnotes(piece, [(f"note{n}", text) for n, text in enumerate(notes, 1)])

    def _attributes(self, piece: Piece) -> Piece:
        """`{.class}`: of pandoc, Quarto and Slidev taken out; a text elsewhere."""

        def change(found: re.Match[str], at: Source) -> str:
            if found["formula"]:
                return found[0]
            if self.deck.kind in ("marp", "revealmd", "pptx", "ipynb"):
                return found[0].replace("{", "&#123;", 1)
            self.ledger.left_out(at, "attributes", found[0])
            return found["words"] or ""

        return piece.edited(_SPAN, change)

    def _formulas(self, piece: Piece) -> Piece:
        return piece.edited(_FORMULA, lambda found, _: _BRACES.sub("{ ", found[0]))

    def _braces(self, piece: Piece) -> Piece:
        return piece.edited(_BRACES, lambda *_: "&#123;")

    def _signs(self, piece: Piece) -> Piece:
        """What our slides would take for something else: parts, notes of other tools, a merge."""

        def habit(found: re.Match[str], _: Source) -> str:
            return f"{found[1]}**{found[2]}**" if found[2] else f"{found[3]}\\{found[4]}"

        piece = piece.edited(_PART, lambda found, _: f"{found[1]}&#58;")
        piece = piece.edited(_CONFLICT, lambda found, _: _ENTITY[found[0]])
        return piece.edited(_HABIT, habit)


def with_footnotes(piece: Piece, notes: list[tuple[str, str]]) -> Piece:
    """A piece with these footnotes below."""
    if not notes:
        return piece
    lines = "".join(f"\n\n[^{label}]: {text or '…'}" for label, text in notes)
    return replace(piece, text=piece.text.rstrip("\n") + lines)


def settled_footnotes(piece: Piece, deck: Deck, ledger: Ledger, used: set[str]) -> Piece:
    """With the text of each footnote that its words name; a name that nothing explains is text."""
    own = {found[1] for found in _FOOTNOTE.finditer(piece.text) if found[2]}
    needed: dict[str, str] = {}

    def change(found: re.Match[str], at: Source) -> str:
        label = found[1]
        if found[2] or label in own:
            return found[0]
        if label in deck.notes_of:
            needed[label] = " ".join(deck.notes_of[label].text.split())
            used.add(label)
            return found[0]
        ledger.changed(at, "a footnote that nothing explains, as text", found[0])
        return f"\\[^{label}]"

    return with_footnotes(piece.edited(_FOOTNOTE, change), list(needed.items()))


def _path(address: str) -> str:
    return f"<{address}>" if re.search(r"[\s()]", address) else address
