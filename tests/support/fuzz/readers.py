"""What is fuzzed: each reader of the pipeline with files that it reads, and how it is called."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.measured import Measured
from support.fuzz import talks
from support.fuzz.mutate import MOST, WORDS, Form

ROOT = Path(__file__).resolve().parents[3]
Read = Callable[[Path], object]
Seeds = Callable[[], Sequence[tuple[str, bytes]]]  # names of files, and their contents


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: the files to begin with, what to put into them, and what reads one of them."""

    name: str
    seeds: Seeds
    open: Callable[[Path], Read]  # in an empty folder: what then reads a file in it
    words: tuple[str, ...] = ()
    place: str = ""  # the file below that folder; empty: its name alone
    places: tuple[str, ...] = ("@@",)  # files with a place for 100 kB of one text
    unlike: tuple[str, ...] = ()
    most: int = MOST  # bytes of an input
    form: Form = ""  # which most changes leave whole

    @property
    def all_words(self) -> tuple[bytes, ...]:
        return WORDS + tuple(word.encode() for word in self.words) * 3


def files(*patterns: str, root: Path = ROOT) -> Seeds:
    """The files of the project that the patterns name, as seeds."""

    def found() -> Sequence[tuple[str, bytes]]:
        paths = [path for pattern in patterns for path in sorted(root.glob(pattern))]
        return [(path.name, path.read_bytes()[:60_000]) for path in paths if path.is_file()]

    return found


def texts(name: str, *contents: str) -> Seeds:
    return lambda: [(name, content.encode()) for content in contents]


def _results(**_: object) -> Any:
    from support.made_up import made_up_results

    return made_up_results()


def _plain_results() -> bytes:
    return msgspec.json.encode(_results())


def _slides(language: str) -> Callable[[Path], Read]:
    return lambda root: talks.slides(language, _results())(root)


def _messages(_: Path) -> Read:
    from pipeline.experiment.data.checked import read_raw
    from pipeline.experiment.data.messages import clean, labels_in
    from pipeline.experiment.data.read import Form

    def read(path: Path) -> None:
        raw = read_raw(path, Form())
        labels_in(raw)
        [clean(text) for _, text in raw.rows]

    return read


def _log(root: Path) -> Read:
    from pipeline.measured import NOTHING
    from pipeline.rehearsal.log import read_log
    from pipeline.rehearsal.report import report
    from pipeline.slides.layouts import load_layouts
    from pipeline.talk import load_talk

    config = talks.write_talk(root)
    talk = load_talk(config, NOTHING, load_layouts(root))
    return lambda path: report(read_log(path.parent, "bread-at-home").records, talk)


def _log_seeds() -> Sequence[tuple[str, bytes]]:
    stay = {"slide": "hello", "at_s": 0, "seconds": 30}
    record = {
        **{"format": 1, "id": "a" * 16, "talk": "bread-at-home", "script": "0" * 12, "cut": "full"},
        **{"started": "2026-11-20T09:30:00Z", "pace_wpm": 120, "spoken_wpm": 118.5},
        **{"slides": {"hello": "1" * 12, "things": "2" * 12}, "q_and_a_s": 0, "total_s": 61.5},
        **{"visits": [stay, {"slide": "things", "at_s": 30, "seconds": 31.5}]},
        **{"pauses": [], "skips": []},
    }
    return [("2026-11-20.jsonl", json.dumps(record).encode() + b"\n")]


def _voice(_: Path) -> Read:
    from pipeline.rehearsal.voice.record import read_voice

    return lambda path: read_voice(path, "bread-at-home")


def _voice_seeds() -> Sequence[tuple[str, bytes]]:
    place = {"slide": "hello", "at_s": 4.5, "seconds": 6.25}
    sentence = {"slide": "hello", "key": "0" * 12, "status": "said", "words": 7, "heard": 0.8}
    record = {
        **{"format": 1, "id": "a" * 16, "talk": "bread-at-home", "script": "0" * 12, "cut": "full"},
        **{"listened_s": 61.5, "speech_s": 50, "silence_s": 8, "pace_wpm": 120, "sure": 0.7},
        **{"recognised": 0.8, "longest": place, "pauses": [place]},
        "sentences": [
            {**sentence, "start_s": 0.25, "end_s": 3.5, "shown": "things", "behind_s": -1.5},
            {**sentence, "status": "skipped", "heard": 0, "times": 2},
        ],
        "extras": [{**place, "after": "0" * 12, "text": "by the way", "is_instead": False}],
        "fillers": [{"slide": "hello", "at_s": 1, "word": "um"}],
    }
    return [(f"{'a' * 16}.json", json.dumps(record).encode())]


def _sealed_results(_: Path) -> Read:
    from pipeline.results import read_results

    return read_results


def _measurement(_: Path) -> Read:
    from pipeline.measured import read_measurement

    return read_measurement


def _measurement_seeds() -> Sequence[tuple[str, bytes]]:
    from pipeline.measured import write_measurement
    from support.measured import hash_tables, poll

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hash.json"
        made = []
        for one in (hash_tables(), poll()):
            write_measurement(one, path)
            made.append((path.name, path.read_bytes()))
        return made


def _values(_: Path) -> Read:
    from pipeline.measure.readers import content, read

    return lambda path: read(content(path), path)


def _value_lines(_: Path) -> Read:
    from pipeline.measure.readers import content, read

    return lambda path: read(content(path), path, "lines")


def _drawing(root: Path) -> Read:
    from pipeline.numbers.fill import Numbers
    from pipeline.pictures.drawings import load_drawings
    from pipeline.pictures.svg import read_vector, standalone

    numbers = Numbers(Measured(_results()))

    def read(path: Path) -> None:
        for picture in load_drawings(path.parent, numbers).values():
            standalone(read_vector(picture), "index.html")

    return read


def _picture(_: Path) -> Read:
    from pipeline.pictures.foreign import cleaned
    from pipeline.problems import Source

    return lambda path: cleaned(path.read_bytes(), Source(path), Source(path, 1), path.name)


def _slide_names() -> list[str]:
    """What the diagrams of this talk and of the examples lead to."""
    from pipeline.slides.source import slide_files

    folders = [ROOT / "deck" / "slides", *ROOT.glob("examples/*/deck/slides")]
    return [name for folder in folders for _, name, _ in slide_files(folder)]


def _diagram(root: Path) -> Read:
    from pipeline.numbers.fill import Numbers
    from pipeline.pictures.diagrams.graph import graph_texts, read_graph
    from pipeline.pictures.diagrams.source import diagram_texts, read_diagram

    numbers, slides = Numbers(Measured(_results())), _slide_names()

    def read(path: Path) -> None:
        texts = diagram_texts if path.suffix == ".toml" else graph_texts
        [*texts(path)]
        made = read_diagram if path.suffix == ".toml" else read_graph
        made(path, numbers, slides)

    return read


def _drawn_diagram(root: Path) -> Read:
    from pipeline.numbers.fill import Numbers
    from pipeline.pictures.diagrams.draw import draw_diagrams

    numbers, slides = Numbers(Measured(_results())), _slide_names()
    return lambda path: draw_diagrams(path.parent, numbers, slides)


def _imported(root: Path) -> Read:
    from pipeline.imports.talk import Wanted, import_deck

    def read(path: Path) -> None:
        shutil.rmtree(root / "made", ignore_errors=True)
        import_deck(path, root / "made", Wanted())

    return read


def _pptx_seeds() -> Sequence[tuple[str, bytes]]:
    from pptx import Presentation

    from support.made_pptx import made_pptx

    with tempfile.TemporaryDirectory() as folder:
        path = made_pptx(Path(folder) / "rain.pptx")
        show = Presentation(str(path))
        for layout in [one for one in show.slide_layouts if not one.used_by_slides]:
            show.slide_layouts.remove(layout)  # they take half of the time
        show.save(str(path))
        return [("rain.pptx", path.read_bytes())]


def _heads(*patterns: str) -> Seeds:
    """The first lines of files."""

    def found() -> Sequence[tuple[str, bytes]]:
        return [(name, raw[:600].rpartition(b"\n")[0]) for name, raw in files(*patterns)()]

    return found


def _zipped(seeds: Seeds) -> Seeds:
    """Each seed as the one file of a zip."""

    def found() -> Sequence[tuple[str, bytes]]:
        made = []
        for name, content in seeds():
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(zipfile.ZipInfo(name), content)
            made.append((f"{Path(name).stem}.zip", buffer.getvalue()))
        return made

    return found


def _placeholder(_: Path) -> Read:
    from pipeline.numbers.fill import Numbers, draft
    from pipeline.problems import Source

    numbers = Numbers(Measured(_results()))

    def read(path: Path) -> None:
        text = path.read_bytes().decode("utf-8", "replace")
        draft(text, Source(path, 1))
        numbers.fill(text, Source(path, 1))

    return read


PLACEHOLDERS = (
    "{{ finetuned.f1 | pct }} of {{ data.messages | count }}, {{ finetuned.f1 | num(2) }}",
    "{% if beats(finetuned.f1, linear.f1) %}more{% else %}less{% endif %} x",
    "{% for e in examples %}{{ e.text }}: {{ loop.index }}\n{% endfor %}",
    '{{ "the best" | holds(finetuned.f1 > 0) }} {{ data.messages | count }}',
    '{{ [1, 2, 3] | join(", ") }} {% set x = data.messages %}{{ x | count }}',
    "{{ finetuned.f1 | spoken }} {{ linear.f1 | interval(1, 'pct') }}",
    '{{ examples | selectattr("expected", "equalto", "spam") | list | length }}',
)
DOLLARS = (
    r"E = mc^2",
    r"\frac{a}{b} + \sqrt[3]{x_1^2} \leq \sum_{i=0}^{n} i",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned} \text{if } x > 0",
    r"\left( \begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix} \right) \mathbb{R}",
    r"\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}, \hat{y} \in \{0, 1\}",
)


def _formula(_: Path) -> Read:
    from pipeline.formulas import in_words, read_formula
    from pipeline.numbers.fill import Filled
    from pipeline.problems import Source

    def read(path: Path) -> None:
        text = path.read_bytes().decode("utf-8", "replace")
        in_words(text)
        read_formula(text, Filled(text, ()), Source(path, 1), display=True)

    return read


def _own_layout(root: Path) -> Read:
    config = talks.write_talk(root)
    (root / "templates" / "layouts").mkdir(parents=True)
    (root / "templates" / "layouts.toml").write_text(LAYOUTS, "utf-8")
    (root / "templates" / "talk.css").write_text("", "utf-8")
    slide = root / "deck" / "slides" / "02-things.md"
    slide.write_text(talks.SECOND.replace("layout: list", "layout: own"), "utf-8")
    (root / "templates" / "layouts" / "own.html.j2").write_text(LAYOUT, "utf-8")
    return lambda _: talks.shown(talks.read_talk(config, None), root / ".cache")


LAYOUTS = """\
[layouts.own]
about = "two columns of boxes"
needs = ["items"]
may = ["lead"]
each = ["items"]
"""
LAYOUT = """\
{% from "layouts/parts.html.j2" import head %}
<section id="{{ slide.name }}" class="own">
{{ head(slide) }}
{% for name in slide.parts %}
<div class="box {{ name }}">{{ slide.parts[name].html }}</div>
{% endfor %}
<p>{{ slide.number }} {{ talk.title | upper }} {{ "%d" | format(3) }}</p>
</section>
"""
STYLES = """\
.own { color: var(--ink); background: url("data:image/png;base64,AA=="); }
@media (min-width: 40em) { .own > .box:nth-child(2n+1) { width: calc(100% - 2px); } }
"""


def _photo(_: Path) -> Read:
    from pipeline.pictures.photos import encoded
    from pipeline.problems import Source

    return lambda path: encoded(path.read_bytes(), (400, 300), Source(path), path.name)


def _photo_seeds() -> Sequence[tuple[str, bytes]]:
    from support.media import drawn, moving

    kinds = (("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"))
    return [
        *((f"a.{ending}", drawn(kind, (40, 30))) for kind, ending in kinds),
        ("m.gif", moving()),
    ]


def _film(_: Path) -> Read:
    from pipeline.pictures.video import cleaned_video
    from pipeline.problems import Source

    return lambda path: cleaned_video(path.read_bytes(), Source(path), path.name)


def _face(root: Path) -> Read:
    from pipeline.faces import face_info
    from pipeline.problems import Source

    return lambda path: face_info(path.read_bytes(), path.name, Source(path))


def _face_seeds() -> Sequence[tuple[str, bytes]]:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    from pipeline.faces import code_face

    font = TTFont(io.BytesIO(code_face()))
    small = subset.Subsetter()
    small.populate(text="abc")
    small.subset(font)
    made = io.BytesIO()
    font.save(made)
    return [("own.ttf", made.getvalue())]


def _published(root: Path) -> Read:
    from pipeline.files import replaced

    def read(_: Path) -> None:
        with replaced(root / "site") as made:
            (made / "index.html").write_text("x", "utf-8")

    return read


def _rearranged(root: Path) -> Read:
    from pipeline.rearrange import Where, move

    config = talks.write_talk(root)
    return lambda _: move(config, "things", Where(before="hello"))


LAYOUT_NAMES = sorted(
    {path.name.partition(".")[0] for path in ROOT.glob("templates/layouts/*.j2")} - {"parts"}
)
TALK_WORDS = (
    *(f"layout: {name}\n" for name in LAYOUT_NAMES),
    *("title: ", "layout: ", "picture: ", "drawing: dog", "time: 1m"),
    *("backup: true", "same: hello", "::: items each\n", "::: notes\n", "::: left\n", "{.step}"),
    *("```python {1-3|4}\n", "```chart\n", "bars:\n", "| a | b |\n|---|--:|\n", "[a](#/hello)"),
    *("{{ finetuned.f1 | pct }}", "{{ data.messages | count }}", "![alt](a.png)", "[^a]: x\n"),
)
SCRIPT_WORDS = (
    *("## SLIDE 1: A [1 minute]\n", "## BACKUP 1: B\n", "## Q&A [1 minute]\n", "**Q: a**\nA: b\n"),
    *("[IF TIME 20 seconds]", "[END]", "[ONLY full]", "[SKIP]", "[PAUSE 3s]", "[SHOW items]"),
    *("**Duration:** 1 minute\n", "## DELIVERY TIPS\n", "> aside\n", "{{ plan.total }}", "A: "),
)
TOML_WORDS = (
    *("[talk]\n", "[cuts.short]\n", "[[constants]]\n", "[measure.a]\n", "[experiment]\n"),
    *("[experiment.data]\n", "[evidence.a]\n", "[brand]\n", "[brand.colours]\n", "[brand.faces]\n"),
    *('length = "1:30"\n', 'command = ["a"]\n', 'ink = "#fff"\n', "{a = 1}", "1979-05-27", "= []"),
    *('language = "de"\n', 'kind = "ladder"\n', 'file = "a.csv"\n', "words_per_minute = 0\n"),
)
SVG_WORDS = (
    *("<g>", "</g>", "<style>", "</style>", '<use href="#a"/>', 'style="fill:red"', 'id="a"'),
    *("url(#a)", "url(//x)", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "<?xml?>", "<a href='#/x'>"),
    *(
        "<script>",
        "<foreignObject>",
        "<text>",
        "<title>",
        "<animate/>",
        'viewBox="0 0 9 9"',
        "rgb(",
    ),
    *('class="step-1"', "xlink:href", 'transform="rotate(1)"', "M0 0L", "{{ finetuned.f1 | pct }}"),
)
DOT_WORDS = (
    *("digraph {", "subgraph cluster_a {", "}", "->", "--", "[label=", "]", ";", 'label="', "<b>"),
    *("shape=record", "step=1", "href=", "rank=same", "\\n", "\\l", "compass:n", "//", "/*", "*/"),
)
JSON_WORDS = ("{", "}", "[", "]", ":", ",", "null", "true", "1e400", "\\ud800", '"a":', "[1,2]")
IMPORT_WORDS = (
    *(
        "---\n",
        "marp: true\n",
        "theme: x\n",
        "<!-- _class: a -->",
        "![bg](a.png)",
        "# A\n",
        "## B\n",
    ),
    *("Note: ", "----\n", "<v-click>", "</v-clicks>", "::right::\n", "layout: two-cols\n", "<div>"),
    *("::: {.notes}\n", ":::\n", ". . .\n", "```{python}\n", "{.fragment}", "<script>", "<style>"),
    *("<!-- .slide: data-background='a' -->", "$$", "^[note]", "![](a.png){width=50%}", "<<< a.py"),
)
TEX_WORDS = (
    "\\frac",
    "\\begin{matrix}",
    "\\end{matrix}",
    "&",
    "\\\\",
    "_",
    "^",
    "\\left(",
    "\\text{",
)
JINJA_WORDS = (
    *("{% macro a() %}", "{% endmacro %}", "{{ a() }}", "{% for a in range(99) %}", "{% endfor %}"),
    *("{% endif %}", "| upper", "| join", "| tojson", "| center(999)", "* 9999", "** 99", "range("),
    *(".replace('', 'x')", ".__class__", "namespace(a=1)", "{% set a = 1 %}", "{% include 'a' %}"),
    *("| pct", "| count", "| num(9)", "| spoken", "| holds(", " is better_than(", "[", "]", " if "),
)
SPOKEN = (
    "In 2024 the model had an F1 of 0.95 (95%), $1.5 million in 3:30 min; 1/2, 10-20 kg, No. 7",
)


_LIST = "---\nlayout: list\ntitle: T\n---\n::: items\n- a\n:::\n"
SLIDE_PLACES = (
    _LIST.replace("T", "@@"),
    _LIST.replace("- a", "- @@"),
    _LIST.replace("- a", "| a | b |\n|---|---|\n| @@ | b |"),
    _LIST.replace("- a", "```python {1}\n@@\n```"),
    _LIST.replace("- a", "```chart\nbars: @@\n```"),
    _LIST.replace("- a", "{{ @@ }}"),
    _LIST + "::: notes\n@@\n:::\n",
    _LIST + "[^a]: @@\n",
    _LIST.replace("title: T", "title: T\n@@: x"),
    _LIST.replace("title: T", "title: T\nfigures: @@"),
)
_SPOKEN = "## SLIDE 1: HELLO [30 seconds]\n\nx\n\n## SLIDE 2: THINGS [1 minute]\n\n"
SCRIPT_PLACES = (
    f"{_SPOKEN}@@\n",
    f"{_SPOKEN}[@@]\n",
    f"{_SPOKEN}[SHOW x @@ (3 s)]\n",
    f"{_SPOKEN}> @@\n",
    _SPOKEN.replace("THINGS", "@@"),
    _SPOKEN.replace("1 minute", "@@"),
    f"**Duration:** 1 minute @@\n{_SPOKEN}",
    f'{_SPOKEN}## Q&A [1 minute]\n**Q: "a"** @@\nA: @@\n',
    f"{_SPOKEN}## DELIVERY TIPS\n1. **Time:** slide 1 @@\n",
    f"{_SPOKEN}[ONLY @@]\nx\n[END ONLY]\n",
)
_TALK = '[talk]\ntitle = "T"\nspeaker = "S"\n[cuts.full]\nlength = "1:30"\n'
TOML_PLACES = (
    _TALK.replace('"T"', "'''@@'''"),
    _TALK.replace('"1:30"', "'''@@'''"),
    f"{_TALK}a = '''@@'''\n",
    f"{_TALK}[[constants]]\nvalue = '''@@'''\nwhere = '''@@'''\nwhy = '''@@'''\n",
    f"{_TALK}[measure.a]\nfile = '''@@'''\n",
    f"{_TALK}[brand]\nfooter = '''@@'''\n[brand.colours]\nink = '''@@'''\n",
    f"{_TALK}@@",
)
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>t</title><desc>d</desc>'
SVG_PLACES = (
    f"{_SVG}<text>@@</text></svg>",
    f"{_SVG}<style>@@</style></svg>",
    f'{_SVG}<g style="fill: @@"/></svg>',
    f'{_SVG}<path d="@@" class="@@" id="@@"/></svg>',
    f"{_SVG}<!--@@--></svg>",
    f"{_SVG}@@</svg>",
)
DOT_PLACES = (
    'digraph { label="T" comment="d" a [label="@@"] a -> b }',
    'digraph { label="T" comment="d" @@ }',
    'digraph { label="@@" comment="d" a [@@] }',
)
_DIAGRAM = 'title = "T"\ndesc = "d"\n[[nodes]]\nid = "a"\nlabel = "L"\nrow = 1\ncolumn = 1\n'
DIAGRAM_PLACES = (
    _DIAGRAM.replace('"L"', "'''@@'''"),
    _DIAGRAM.replace('"T"', "'''@@'''"),
    _DIAGRAM.replace('"a"', "'''@@'''"),
)
DECK_PLACES = (
    "# A\n\n@@\n\n---\n\n# B\n\n- a\n",
    "---\ntitle: @@\n---\n\n# @@\n",
    "# A\n\n<!-- @@ -->\n",
)


def _alone(name: str) -> Callable[[Path], Read]:
    """One of those that read a file by themselves, which import much."""

    def opened(root: Path) -> Read:
        from support.fuzz import alone

        made: dict[str, Callable[[Path], Read]] = {
            "slide": alone.slide("en", _results()),
            "slide-de": alone.slide("de", _results()),
            "script": alone.script("en", _results()),
            "script-zh": alone.script("zh", _results()),
            "deck": alone.deck,
            "layouts": alone.layouts,
            "styles": alone.styles,
            "template": alone.template(LAYOUT, LAYOUTS),
            "messages": alone.messages,
            "kept": alone.kept,
        }
        return made[name](root)

    return opened


def _in_pieces(between: str, *patterns: str, longest: int = 1_500) -> Seeds:
    """Files of the project in pieces."""

    def found() -> Sequence[tuple[str, bytes]]:
        from support.fuzz.alone import in_pieces

        return in_pieces(files(*patterns), between.encode(), longest)()

    return found


def _kept_seeds() -> Sequence[tuple[str, bytes]]:
    from pipeline.memo import code_state

    entries = {"a": msgspec.Raw(msgspec.msgpack.encode([1]))}
    known = {"a.tsv": {"sha256": "0" * 64, "size": 1, "modified_ns": 1, "changed_ns": 1}}
    return [
        ("memo", msgspec.msgpack.encode({"code": code_state(), "entries": entries})),
        ("hashes", msgspec.json.encode(known)),
        ("sources", msgspec.json.encode({"found": {"a": {"sha256": "0", "source": "b"}}})),
    ]


def _content(pattern: str) -> Seeds:
    """Files of this talk, of the examples and the starters that a pattern names."""
    named = files(pattern, f"examples/*/{pattern}", f"templates/starters/*/*/{pattern}")
    return lambda: [(name, raw.replace(b"@LANGUAGE@", b"en")) for name, raw in named()]


_DECKS = "tests/fixtures/imports"
_SLIDES = ("deck/slides/*.md", "examples/*/deck/slides/*.md")
_SCRIPTS = ("script/*.md", "examples/*/script/*.md", "templates/starters/*/*/script/*.md")
_DATA = ("deck/sample/*.tsv", "examples/bikeshop/data/*", "tests/fixtures/messages/*")
_SHORT = 8_000  # bytes: what is read by itself is short
ALONE = (
    *(
        Reader(
            name, files(*_SLIDES), _alone(name[:-6]), TALK_WORDS, place, SLIDE_PLACES, (), _SHORT
        )
        for name, place in (
            ("slide-alone", "deck/slides/02-things.md"),
            ("slide-de-alone", "deck/slides/02-things.md"),
        )
    ),
    *(
        Reader(
            *(name, _in_pieces("\n## ", *_SCRIPTS), _alone(name[:-6]), SCRIPT_WORDS),
            *("script/voiceover.md", SCRIPT_PLACES, (), _SHORT),
        )
        for name in ("script-alone", "script-zh-alone")
    ),
    Reader(
        "deck-alone",
        _in_pieces("\n\n", f"{_DECKS}/*.md", f"{_DECKS}/*.qmd", longest=500),
        _alone("deck"),
        IMPORT_WORDS,
        places=DECK_PLACES,
        most=_SHORT,
    ),
    Reader(
        "layouts-alone",
        texts("layouts.toml", LAYOUTS),
        _alone("layouts"),
        TOML_WORDS,
        "templates/layouts.toml",
        form="quoted",
    ),
    Reader(
        "template-alone",
        texts("own.html.j2", LAYOUT),
        _alone("template"),
        JINJA_WORDS,
        "templates/layouts/own.html.j2",
        most=_SHORT,
    ),
    Reader(
        "styles-alone",
        texts("talk.css", STYLES),
        _alone("styles"),
        ("{", "}", "url(", "@import"),
        "templates/talk.css",
        most=_SHORT,
    ),
    Reader(
        "catalogue",
        _in_pieces("\n\n", "pipeline/locale/catalogues/*.po"),
        _alone("messages"),
        ("msgid ", "msgstr ", "msgid_plural ", "msgstr[0] ", "#, fuzzy\n", "{name}", "nplurals=2"),
        most=_SHORT,
    ),
    Reader("kept", _kept_seeds, _alone("kept"), JSON_WORDS, most=_SHORT),
)
READERS: dict[str, Reader] = {
    one.name: one
    for one in (
        Reader(
            "slide",
            _content("deck/slides/*.md"),
            _slides("en"),
            TALK_WORDS,
            "deck/slides/02-things.md",
            places=SLIDE_PLACES,
        ),
        Reader(
            "slide-de",
            _content("deck/slides/*.md"),
            _slides("de"),
            TALK_WORDS,
            "deck/slides/02-things.md",
            places=SLIDE_PLACES,
        ),
        Reader(
            "script",
            _content("script/*.md"),
            _slides("en"),
            SCRIPT_WORDS,
            "script/voiceover.md",
            places=SCRIPT_PLACES,
        ),
        Reader(
            "script-zh",
            _content("script/*.md"),
            _slides("zh"),
            SCRIPT_WORDS,
            "script/voiceover.md",
            places=SCRIPT_PLACES,
        ),
        Reader("spoken", texts("a.txt", *SPOKEN), talks.spoken("en"), SPOKEN),
        Reader("spoken-fr", texts("a.txt", *SPOKEN), talks.spoken("fr"), SPOKEN),
        Reader(
            "placeholder",
            texts("a.md", *PLACEHOLDERS),
            _placeholder,
            JINJA_WORDS,
            places=(
                "@@",
                "{{ @@ }}",
                "{{ finetuned.f1 | @@ }}",
                "{% if @@ %}a{% endif %}",
                "{% @@ %}",
            ),
        ),
        Reader("formula", texts("a.tex", *DOLLARS), _formula, TEX_WORDS),
        Reader(
            "settings",
            _content("talk.toml"),
            talks.settings,
            TOML_WORDS,
            "talk.toml",
            places=TOML_PLACES,
            form="quoted",
        ),
        Reader(
            "layouts",
            texts("layouts.toml", LAYOUTS),
            _own_layout,
            TOML_WORDS,
            "templates/layouts.toml",
            form="quoted",
        ),
        Reader(
            "template",
            texts("own.html.j2", LAYOUT),
            _own_layout,
            JINJA_WORDS,
            "templates/layouts/own.html.j2",
            places=(LAYOUT + "@@", LAYOUT + "{{ @@ }}", LAYOUT.replace("box {{", "@@ {{")),
        ),
        Reader(
            "styles",
            texts("talk.css", STYLES),
            _own_layout,
            ("{", "}", "url(", "@import"),
            "templates/talk.css",
            places=("@@", ".a { b: @@ }", ".a@@ { b: c }"),
        ),
        Reader(
            "messages",
            _heads(*_DATA),
            _messages,
            ("ham\t", "spam\t", "v1,v2\n", '"'),
            places=("ham\t@@\n", "@@\t1\n", "v1,v2\nham,@@\n", "@@"),
        ),
        Reader(
            "zip",
            _zipped(_heads(*_DATA)),
            _messages,
            ("PK\x03\x04", "PK\x01\x02"),
            form="zip",
        ),
        Reader("log", _log_seeds, _log, JSON_WORDS, form="json"),
        Reader("voice", _voice_seeds, _voice, JSON_WORDS, form="json"),
        Reader(
            "results",
            lambda: [("results.json", _plain_results())],
            _sealed_results,
            JSON_WORDS,
            form="json",
        ),
        Reader("measurement", _measurement_seeds, _measurement, JSON_WORDS, form="json"),
        Reader(
            "values",
            files("tests/fixtures/measure/*.*"),
            _values,
            JSON_WORDS,
            places=("a,b\n@@,1\n", "a,b\n1,@@\n", "@@,b\n1,2\n", '{"a": "@@"}', '{"@@": 1}'),
        ),
        Reader(
            "lines",
            texts("a.txt", "a: 1.5 ms\nb = 3\nF1 0.95\n", "Requests/sec: 1,234.5\n"),
            _value_lines,
            SPOKEN,
            places=("a: @@\n", "@@", "@@: 1\n"),
        ),
        Reader(
            "drawing",
            files("deck/drawings/*.svg"),
            _drawing,
            SVG_WORDS,
            "drawings/a.svg",
            places=SVG_PLACES,
            form="xml",
        ),
        Reader(
            "picture",
            files("deck/drawings/*.svg", "examples/*/brand/*.svg"),
            _picture,
            SVG_WORDS,
            places=SVG_PLACES,
            form="xml",
        ),
        Reader(
            "diagram",
            files("deck/diagrams/*.toml"),
            _diagram,
            TOML_WORDS,
            "diagrams/a.toml",
            places=DIAGRAM_PLACES,
            form="quoted",
        ),
        Reader(
            "dot",
            files("examples/*/deck/diagrams/*.dot"),
            _diagram,
            DOT_WORDS,
            "diagrams/a.dot",
            places=DOT_PLACES,
            form="quoted",
        ),
        Reader(
            "drawn",
            files("deck/diagrams/*.toml"),
            _drawn_diagram,
            TOML_WORDS,
            "diagrams/a.toml",
            places=DIAGRAM_PLACES,
            form="quoted",
        ),
        Reader("marp", files(f"{_DECKS}/marp.md"), _imported, IMPORT_WORDS, places=DECK_PLACES),
        Reader("reveal", files(f"{_DECKS}/reveal.md"), _imported, IMPORT_WORDS, places=DECK_PLACES),
        Reader(
            "slidev", files(f"{_DECKS}/slidev*.md"), _imported, IMPORT_WORDS, places=DECK_PLACES
        ),
        Reader(
            "quarto", files(f"{_DECKS}/quarto.qmd"), _imported, IMPORT_WORDS, places=DECK_PLACES
        ),
        Reader("pandoc", files(f"{_DECKS}/pandoc.md"), _imported, IMPORT_WORDS, places=DECK_PLACES),
        Reader("notebook", files(f"{_DECKS}/*.ipynb"), _alone("deck"), JSON_WORDS, form="json"),
        Reader("powerpoint", _pptx_seeds, _alone("deck"), ("PK\x03\x04", "PK\x01\x02"), form="zip"),
        Reader("photo", _photo_seeds, _photo),
        Reader("film", files("tests/fixtures/media/*"), _film, ("moov", "trak", "mdat", "ftyp")),
        Reader("face", _face_seeds, _face),
        Reader(
            "published",
            texts(".published", "Made by\nindex.html\n"),
            _published,
            ("index.html",),
            "site/.published",
        ),
        *ALONE,
        Reader(
            "rearrange", _content("script/*.md"), _rearranged, SCRIPT_WORDS, "script/voiceover.md"
        ),
    )
}
