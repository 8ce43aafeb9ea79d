"""The deck as Markdown of one file, for who has to hand one in: for Marp, or plain.

Numbers are filled in, charts and diagrams are SVG beside it, pictures are copied; what is said is
left out unless it is asked for.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import msgspec
from markdown_it import MarkdownIt

from pipeline.command import NAME
from pipeline.export.pptx import script_text
from pipeline.files import write_whole
from pipeline.numbers.fill import Filled
from pipeline.paths import plain_name
from pipeline.pictures.picture import Picture
from pipeline.pictures.svg import read_vector, standalone
from pipeline.problems import Source, TalkError
from pipeline.slides.chart_fence import is_chart
from pipeline.slides.charts import ChartData, table_of
from pipeline.slides.code import fenced
from pipeline.slides.markdown import Content
from pipeline.slides.media import MediaUse
from pipeline.slides.rules import REFERENCE
from pipeline.slides.slide import Slide, SlidePart
from pipeline.talk import Talk

Form = Literal["marp", "markdown"]
_MADE = f"made by {NAME}"
_LEADS = ("title", "section", "quote", "closing")  # few words, in the middle of the slide
_PICTURES = ("picture", "video", "figure", "diagram", "drawing")
_STYLE = """style: |
  .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 2rem; }"""
_CODE = re.compile(
    r"(^[ \t]*(`{3,}+|~{3,}+)[^\n]*+\n.*?^[ \t]*\2[ \t]*$|(?<!`)`++[^`\n]*+`+)", re.M | re.S
)
_CLASSES = re.compile(
    r"\[([^\[\]\n]*)\]\{\.[^{}\n]*\}|(?<=\))\{\.[^{}\n]*\}|^\{\.[^{}\n]*\}\n", re.M
)
_SHOWN = re.compile(r"(!?)\[([^\[\]\n]*+)\]\((<[^<>\n]*>|[^\s)]*)((?:[ \t]+\"[^\"\n]*\")?)\)")
_NOTE = re.compile(r"\[\^([^\[\]\s]++)\]")
_RULE = re.compile(r"^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$", re.M)
_ITEM = re.compile(r"^(?:[-+](?= )|(\d+)\.(?= ))", re.M)
_BLOCKS = MarkdownIt("commonmark").enable("table")


class _Writer(msgspec.Struct):
    """Writes the slides of one talk, and gathers the files that they show."""

    talk: Talk
    pictures: Mapping[str, Picture]
    form: Form
    folder: str  # of the files, as the document names it
    with_notes: bool
    drawn: dict[str, str] = {}  # file's name -> SVG
    copied: dict[str, Path] = {}

    def document(self) -> str:
        """The whole file."""
        return "\n\n---\n\n".join([self._slide(slide) for slide in self.talk.slides]) + "\n"

    def _slide(self, slide: Slide) -> str:
        lines = []
        if self.form == "marp" and slide.layout in _LEADS:
            lines.append("<!-- _class: lead -->")
        fields = {name: one.content for name, one in slide.fields.items()}
        is_seen = slide.layout != "quote" and "title" in fields
        lines.append(f"# {self._words(fields['title'])}" if is_seen else "")
        lines += [f"*{self._words(fields[key])}*" for key in ("kicker", "mark") if key in fields]
        if slide.layout == "title":
            lines += self._about(slide)
        lines += self._shown(slide)
        lines += self._parts(slide)
        if "source" in fields:
            lines.append(f"*{self._words(fields['source'])}*")
        lines += [f"[^{n.number}]: {self._words(n.content)}" for n in slide.footnotes]
        if self.with_notes and (said := script_text(self.talk, slide.number)):
            lines.append(f"<!--\n{said.replace('-->', '--&gt;')}\n-->")
        return "\n\n".join(filter(None, lines))

    def _about(self, slide: Slide) -> Iterator[str]:
        """What the title slide has from talk.toml, but for what it says itself."""
        info, own = self.talk.config.talk, " ".join(part.text for part in slide.parts)
        yield info.subtitle if info.subtitle not in own else ""
        people = (info.speaker, info.event, info.date)
        yield ", ".join(one for one in people if one and one not in own)

    def _shown(self, slide: Slide) -> Iterator[str]:
        """The picture of the front matter."""
        look = slide.fields["look"].text if "look" in slide.fields else ""
        for key in _PICTURES:
            if key not in slide.fields:
                continue
            use = next((one for one in slide.media if not one.part and one.kind == key), None)
            names = slide.fields[key].text.split(",")
            shown = [self._file(use)] if use else [self._drawing(name.strip()) for name in names]
            for path, alt in shown:
                where = {"full": "bg", "beside": "bg right:45%"}.get(look, "")
                is_back = where and self.form == "marp" and key == "picture"
                yield f"![{f'{where} {alt}' if is_back else alt}]({path})"

    def _parts(self, slide: Slide) -> Iterator[str]:
        texts = {
            part.name: self._part(part, is_quote=slide.layout == "quote") for part in slide.parts
        }
        for name, text in texts.items():
            if self.form != "marp" or not {"left", "right"} <= texts.keys():
                yield text
            elif name == "left":
                sides = (f"<div>\n\n{texts[side]}\n\n</div>" for side in ("left", "right"))
                yield f'<div class="columns">\n{chr(10).join(sides)}\n</div>'
            elif name != "right":
                yield text

    def _part(self, part: SlidePart, *, is_quote: bool) -> str:
        text = self._text(part.content)
        if is_quote and part.name == "body":
            return "\n".join(f"> {row}".rstrip() for row in text.split("\n"))
        if self.form == "marp" and part.steps and not part.is_step and part.items:
            text = _outside(text, lambda piece: _ITEM.sub(_fragment, piece))
        return text

    def _words(self, content: Content) -> str:
        return " ".join(self._text(content).split())

    def _text(self, content: Content) -> str:
        """A text with its values, its files, and nothing that only our slides read."""
        labels = {
            child.meta["label"]: child.content
            for token in content.tokens
            for child in (token, *(token.children or ()))
            if child.type == REFERENCE
        }
        uses = {
            unquote(str(child.attrs.get("src") or child.attrs.get("href"))): child.meta["media"]
            for token in content.tokens
            for child in token.children or ()
            if "media" in child.meta
        }

        def plain(piece: str) -> str:
            piece = _CLASSES.sub(lambda found: found[1] or "", piece)
            piece = _SHOWN.sub(lambda found: self._address(found, uses), piece)
            piece = _NOTE.sub(lambda found: f"[^{labels.get(found[1], found[1])}]", piece)
            return _RULE.sub("", piece)

        return _outside(self._with_code(content), plain).strip("\n")

    def _with_code(self, content: Content) -> str:
        """The text, each fence with the code or the chart that it stands for."""
        rows = content.filled.plain.split("\n")
        code, charts = iter(content.code), iter(content.charts)
        made, last = list[str](), 0
        for token in _BLOCKS.parse(content.filled.plain):
            if token.type != "fence" or not token.map:
                continue
            first, end = token.map
            indent = rows[first][: len(rows[first]) - len(rows[first].lstrip())]
            if is_chart(token.info):
                chart = next(charts, None)
                text = self._chart(chart.data) if chart else ""
            else:
                block = next(code, None)
                text = fenced(block.text, block.language) if block else ""
            made += [*rows[last:first], *(f"{indent}{line}" for line in text.split("\n"))]
            last = end
        return "\n".join([*made, *rows[last:]])

    def _chart(self, data: ChartData) -> str:
        if data.kind == "table":
            written, filled = table_of(data, Filled("", ()))
            return Filled(written, filled.marks).plain
        path, alt = self._drawing(data.name)
        return f"![{alt}]({path})"

    def _address(self, found: re.Match[str], uses: Mapping[str, MediaUse]) -> str:
        """A picture or a link as it stands in one file with its files beside it."""
        address = unquote(found[3].strip("<>"))
        if address in uses:
            path, alt = self._file(uses[address])
            return f"{found[1]}[{found[2] or (alt if found[1] else '')}]({path}{found[4]})"
        kind, _, name = address.partition(":")
        if kind in ("figure", "diagram", "drawing"):
            path, alt = self._drawing(name)
            return f"{found[1]}[{found[2] or alt}]({path})"
        if address.startswith("#/"):
            return f"[{found[2]}]({self._slide_address(address[2:])})"
        return found[0]

    def _slide_address(self, name: str) -> str:
        at = next((n for n, s in enumerate(self.talk.slides, 1) if s.name == name), 1)
        return f"#{at if self.form == 'marp' else plain_name(self.talk.slides[at - 1].title_text)}"

    def _file(self, use: MediaUse) -> tuple[str, str]:
        """Where a file of the talk is copied to, and its words."""
        stem, suffix = plain_name(use.path.stem) or "picture", use.path.suffix.lower()
        name = f"{stem}{suffix}"
        if self.copied.get(name, use.path) != use.path:
            name = f"{stem}-{len(self.copied)}{suffix}"
        self.copied[name] = use.path
        return f"{self.folder}/{name}", use.alt

    def _drawing(self, name: str) -> tuple[str, str]:
        """Where a chart, a diagram or a drawing is written to, and its words."""
        picture = self.pictures.get(name)
        if picture is None:
            return f"{self.folder}/{name}.svg", name
        vector = read_vector(picture)
        svg = standalone(vector, "", self.talk.config.brand.palette)
        self.drawn[f"{name}.svg"] = re.sub(r"@font-face\{[^}]*\}", "", svg)
        return f"{self.folder}/{name}.svg", picture.desc.replace("\n", " ").strip("[] ")


def export_markdown(
    talk: Talk, pictures: Mapping[str, Picture], to: Path, form: Form, *, with_notes: bool = False
) -> Path:
    """Write the deck to one Markdown file, and what it shows into a folder beside it.

    `pictures`: the deck's charts, diagrams and drawings, by name. Raises TalkError where the file
    or one beside it is somebody's else: nothing is overwritten but an earlier export.
    """
    is_again = to.exists()
    if is_again and _MADE not in to.read_text("utf-8", errors="replace")[:200]:
        raise TalkError(
            "this file wasn't exported, so it is left alone", Source(to), "another name"
        )
    folder = to.with_name(f"{plain_name(to.stem) or 'deck'}-files")
    writer = _Writer(talk, pictures, form, folder.name, with_notes)
    text = f"{_head(talk, form)}{writer.document()}"
    names = [*writer.drawn, *writer.copied]
    if not is_again and (there := [name for name in names if (folder / name).exists()]):
        message = "there is a file of this name already, so nothing is exported"
        raise TalkError(message, Source(folder / there[0]), "give the document another name")
    if names:
        folder.mkdir(parents=True, exist_ok=True)
    to.parent.mkdir(parents=True, exist_ok=True)
    for name, svg in writer.drawn.items():
        write_whole(folder / name, svg)
    for name, path in writer.copied.items():
        shutil.copyfile(path, folder / name)
    return write_whole(to, text)


def _head(talk: Talk, form: Form) -> str:
    if form == "markdown":
        return f"<!-- {_MADE} -->\n\n"
    info = talk.config.talk
    said = {"title": info.title, "author": info.speaker, "lang": info.language}
    lines = ["---", f"# {_MADE}", "marp: true", "paginate: true"]
    lines += [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in said.items() if v]
    return "\n".join([*lines, _STYLE, "---", "", ""])


def _outside(text: str, change: Callable[[str], str]) -> str:
    """A text, changed where it is no code."""
    made, last = [], 0
    for found in _CODE.finditer(text):
        made += [change(text[last : found.start()]), found[0]]
        last = found.end()
    return "".join([*made, change(text[last:])])


def _fragment(found: re.Match[str]) -> str:
    return f"{found[1]})" if found[1] else "*"
