"""Placeholders as Jinja reads them: what a template may hold, how much, and what each one shows.

A template is somebody's text: nothing in it may run long, grow large or reach past the values. So
its syntax tree may hold the nodes below and no others, in the sizes below.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

from pipeline.locale import ENGLISH, Locale
from pipeline.measured import step
from pipeline.numbers.assertions import FILTERS, FUNCTIONS
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import Number, Rows, Text
from pipeline.problems import Source, TalkError

MOST_TAGS = 2_000  # in one piece of content
MOST_TOKENS = 120  # in one tag
MOST_BRACKETS = 12  # inside each other
MOST_BLOCKS = 20  # inside each other
MOST_BRANCHES = 50  # of one {% if %}
MOST_LOOPS = 2  # inside each other
MOST_ITEMS = 10_000  # of a list
MOST_LISTS = 3  # inside each other, by whatever names
MOST_SIGNS = 1_000_000  # of a filled piece
LARGEST = 1e15
_STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign)
_VALUES = (
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.List, nodes.Tuple),
    *(nodes.Filter, nodes.Call, nodes.Keyword, nodes.Test, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Pos),
)
_LISTS = ("length", "list", "first", "last", "selectattr", "rejectattr")
_SUM = "put brackets around the sum: {{ (a + b) | count }}"
_WORD = re.compile(r"\s*(\w*)")  # also of {% if(a) %}
_OPENING = ("if", "for", "macro", "call", "filter", "block", "with", "autoescape")  # Jinja's all
_FORM = "values are written {{ data.messages | count }}"


def joined(items: Iterable[object], between: str = "") -> Text:
    """Texts out of the data as one, which is shown as it is like each of them."""
    texts = []
    for item in items:
        if isinstance(item, list | tuple | dict | Rows):
            raise TalkError(f"`join` joins texts, and this is a {type(item).__name__.lower()}")
        texts.append(str(item))
    if sum(map(len, texts)) + len(texts) * len(between) > MOST_SIGNS:
        raise TalkError(f"`join` makes more than {MOST_SIGNS:,} signs")
    return Text(between.join(texts), "")


class Environment(SandboxedEnvironment):
    """Jinja with our formats and assertions, a few filters for lists, and nothing else."""

    intercepted_binops = frozenset("+-*/")

    def __init__(
        self, finalize: Callable[[object], object] | None = None, locale: Locale = ENGLISH
    ) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined, finalize=finalize, keep_trailing_newline=True
        )
        kept = {name: self.filters[name] for name in _LISTS}
        self.filters = {**kept, "join": joined, **formats_of(locale), **FILTERS}
        self.globals = dict(FUNCTIONS)

    def getattr(self, obj: object, attribute: str) -> object:
        """Of a number nothing but what is known of it, as numbers and texts with their place."""
        return obj[attribute] if isinstance(obj, Number) else super().getattr(obj, attribute)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Numbers are calculated with, lists are joined: nothing else, and nothing large."""
        if isinstance(left, list | Rows) and isinstance(right, list | Rows) and operator == "+":
            if len(left) + len(right) > MOST_ITEMS:
                raise TalkError(f"a list of more than {MOST_ITEMS:,} items")
            return [*left, *right]
        are_plain = isinstance(left, int | float) and isinstance(right, Number | int | float)
        if isinstance(left, Number) or are_plain:  # a Number says itself what is wrong with `right`
            made = self.binop_table[operator](left, right)
            if abs(made.value if isinstance(made, Number) else made) <= LARGEST:
                return made
        raise TalkError(f"`{operator}` makes no number that could be shown", hint=_SUM)


class Literal(msgspec.Struct, frozen=True):
    """A text or number that is typed inside a placeholder and would be shown."""

    text: str
    is_asserted: bool  # it is the text of a claim: "…" | holds(…)


class Placeholder(msgspec.Struct, frozen=True):
    """One {{ … }} or {% … %}: what it shows or asks."""

    code: str  # as written, without its braces
    line: int  # of the text, from 1
    is_shown: bool  # {{ … }}
    path: str = ""  # the value that is formatted: finetuned.f1
    form: str = ""  # the first filter: pct, num, …; "" without one
    style: str = ""  # the text that this filter is given: spoken("seconds")
    paths: tuple[str, ...] = ()  # all values that it names
    calls: frozenset[str] = frozenset()  # filters and functions
    literals: tuple[Literal, ...] = ()
    compared: tuple[tuple[str, str, str], ...] = ()  # path, sign, path
    shift: str = ""  # a typed number that changes a measured one
    names_value: bool = False
    sought: tuple[str, ...] = ()  # values that it asks for by name: `"lora" in ladder`

    @property
    def is_condition(self) -> bool:
        """Whether it decides what is shown, and shows no value itself."""
        return not self.is_shown or "holds" in self.calls

    @property
    def is_bound(self) -> bool:
        return self.names_value and not self.is_condition

    @property
    def written(self) -> str:
        return f"{{{{{self.code}}}}}" if self.is_shown else f"{{%{self.code}%}}"


class Piece(msgspec.Struct, frozen=True):
    """A run of text, or one tag; comments are left out."""

    kind: str  # "text", "shown" or "block"
    text: str
    line: int  # of the text, from 1


_ENVIRONMENT = Environment()


def pieces(text: str, where: Source) -> tuple[Piece, ...]:
    """The texts and tags of a template. Raises TalkError for what is broken or too large."""
    try:
        return _read(text)
    except TalkError as error:
        line = (where.line or 1) + (error.where.line or 1) - 1 if error.where else where.line
        raise TalkError(error.message, Source(where.path, line), error.hint) from None


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[Piece, ...]:
    """The same, once for equal texts and for who fills, drafts and checks one; lines from 1."""
    where = Source(Path(), 1)
    try:
        found = tuple(_pieces(text, where))
    except jinja2.TemplateSyntaxError as error:
        raise broken(error, where) from None
    tags = [piece for piece in found if piece.kind != "text"]
    if len(tags) > MOST_TAGS:
        last = _at(where, tags[MOST_TAGS].line)
        raise TalkError(f"more than {MOST_TAGS:,} placeholders in one piece", last, "divide it")
    _check_nesting(tags, where)
    return found


def parsed(text: str, where: Source) -> nodes.Template:
    """The syntax tree of a template. Raises TalkError for what is broken, foreign or too large."""
    pieces(text, where)
    try:
        tree = _ENVIRONMENT.parse(text)
    except jinja2.TemplateSyntaxError as error:
        raise broken(error, where) from None
    _check(tree, where, 1, 0)
    _check_lists(tree, where, {})
    return tree


def broken(error: jinja2.TemplateSyntaxError, where: Source) -> TalkError:
    at = _at(where, error.lineno)
    if error.message == "Missing end of comment tag":
        hint = "a comment is {# … #}; a class is {.big}, and an id can't be given"
        return TalkError("`{#` begins a comment that never ends", at, hint)
    return TalkError(f"broken template: {error.message}", at, _FORM)


def _pieces(text: str, where: Source) -> Iterator[Piece]:
    begin, line = "", 1
    code: list[str] = []
    brackets = 0
    for number, token, value in _ENVIRONMENT.lex(text):
        if token in ("variable_begin", "block_begin"):
            begin, line, code, brackets = token, number, [], 0
        elif token in ("variable_end", "block_end"):
            yield Piece("shown" if begin == "variable_begin" else "block", "".join(code), line)
            begin = ""
        elif begin:
            code.append(value)
            brackets += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(value, 0)
            is_number = token in ("integer", "float")
            if len(code) > 2 * MOST_TOKENS or brackets > MOST_BRACKETS:
                raise _too_large("a placeholder", where, number)
            if is_number and not value.isascii():  # Jinja takes any digits, Python's compiler none
                raise TalkError(f"{value}: not the digits 0 to 9", _at(where, number), _FORM)
            if is_number and (len(value) > 20 or literal_eval(value) > LARGEST):
                raise _too_large("a number", where, number)
        elif token == "data":
            yield Piece("text", value, number)


def _too_large(what: str, where: Source, line: int) -> TalkError:
    return TalkError(f"{what} that is too long to be read", _at(where, line), _FORM)


def _at(where: Source, line: int) -> Source:
    return Source(where.path, (where.line or 1) + line - 1)


def _check_nesting(tags: Iterable[Piece], where: Source) -> None:
    branches: list[int] = []
    for tag in tags:
        word = first_word(tag)
        if word in _OPENING or (word == "set" and "=" not in tag.text):
            branches.append(0)
        elif word.startswith("end") and branches:
            branches.pop()
        elif word == "elif" and branches:
            branches[-1] += 1
        if len(branches) > MOST_BLOCKS or (branches and branches[-1] > MOST_BRANCHES):
            raise _too_large("a row of {% if %}", where, tag.line)


def first_word(tag: Piece) -> str:
    """`if`, `for`, `set`, …; "" for a {{ … }}."""
    found = _WORD.match(tag.text) if tag.kind == "block" else None
    return found[1] if found else ""


def _check(node: nodes.Node, where: Source, line: int, loops: int) -> None:
    line = node.lineno or line
    at = _at(where, line)
    loops += isinstance(node, nodes.For)
    if not isinstance(node, _STATEMENTS + _VALUES):
        raise TalkError(f"a placeholder can't hold `{type(node).__name__.lower()}`", at, _FORM)
    if loops > MOST_LOOPS:
        raise _too_large("a row of {% for %}", where, line)
    if isinstance(node, nodes.Call) and not (
        isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS
    ):
        known = ", ".join(f"`{name}`" for name in FUNCTIONS)
        raise TalkError("a placeholder can call nothing but our functions", at, f"known: {known}")
    if isinstance(node, nodes.Call | nodes.Filter | nodes.Test):
        names = [keyword.key for keyword in node.kwargs]
        if len(set(names)) < len(names):
            raise TalkError("a placeholder says the same thing twice", at, _FORM)
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Slice) and not isinstance(node, nodes.Getitem):
            raise TalkError("a placeholder can't hold two slices in one", at, _FORM)
        _check(child, where, line, loops)


def _check_lists(node: nodes.Node, where: Source, known: dict[str, int]) -> int:
    """How deep lists stand in each other, those behind the names that {% set %} gives among them.

    `[a, a]` of an `a` that is such a list, and so on, would be compared for ever. Raises TalkError.
    """
    if isinstance(node, nodes.Name) and node.ctx == "load":
        return known.get(node.name, 0)
    if isinstance(node, nodes.Assign | nodes.For):
        value = node.iter if isinstance(node, nodes.For) else node.node
        deep = _check_lists(value, where, known)
        names = [node.target, *node.target.find_all(nodes.Name)]
        known.update((one.name, deep) for one in names if isinstance(one, nodes.Name))
    deep = max((_check_lists(one, where, known) for one in node.iter_child_nodes()), default=0)
    deep += isinstance(node, nodes.List | nodes.Tuple)
    if deep > MOST_LISTS:
        raise _too_large("a list of lists", where, node.lineno or 1)
    return 0 if isinstance(node, nodes.Stmt) else deep


@lru_cache(maxsize=4096)
def placeholder(tag: Piece) -> Placeholder:
    """What a tag shows or asks. One that is broken asks nothing: filling it says what is wrong."""
    word = first_word(tag)
    made = Placeholder(tag.text, tag.line, tag.kind == "shown")
    source = f"{{% if {tag.text.strip()[4:]} %}}" if word == "elif" else made.written
    source += {"if": "{% endif %}", "elif": "{% endif %}", "for": "{% endfor %}"}.get(word, "")
    if word not in ("", "if", "elif", "for", "set"):
        return made
    try:
        tree = _ENVIRONMENT.parse(source.replace("{%-", "{%"))
    except jinja2.TemplateSyntaxError:
        return made
    return _facts(made, tree)


def path_of(expression: str) -> str:
    """The path that a typed expression is, as marks name it; the expression where it is none."""
    if len(expression) > 200:
        return expression
    return placeholder(Piece("shown", expression, 1)).path or expression


def _facts(made: Placeholder, tree: nodes.Template) -> Placeholder:
    names = [n.name for n in tree.find_all(nodes.Name) if n.ctx == "load"]
    is_measured = any(name not in FUNCTIONS for name in names)
    filters = [n.name for n in tree.find_all(nodes.Filter)]
    called = [dotted(call.node) for call in tree.find_all(nodes.Call)]
    shown = _shown(tree)
    inner: nodes.Node | None = shown
    form = style = ""
    while isinstance(inner, nodes.Filter):
        form, style = inner.name, "".join(_texts(inner.args))
        inner = inner.node
    return Placeholder(
        made.code,
        made.line,
        made.is_shown,
        dotted(inner) or made.code.partition("|")[0].strip("- \n"),
        form if made.is_shown else "",
        style,
        tuple(dict.fromkeys(_paths(tree))),
        frozenset([*filters, *called]),
        tuple(_literals(shown, is_measured)) if shown else (),
        tuple(_comparisons(tree)),
        _shift(tree) if form and is_measured else "",
        is_measured,
        tuple(_sought(tree)),
    )


def _texts(arguments: Iterable[nodes.Node]) -> Iterator[str]:
    return (a.value for a in arguments if isinstance(a, nodes.Const) and isinstance(a.value, str))


def _shown(tree: nodes.Template) -> nodes.Node | None:
    """The expression of a {{ … }} or the value of a {% set %}."""
    assigned = tree.find(nodes.Assign)
    output = tree.find(nodes.Output)
    if assigned or not output:
        return assigned.node if assigned else None
    return output.nodes[0] if output.nodes else None


def dotted(node: nodes.Node | None) -> str:
    """`finetuned.f1`, `example["gift-card"].text`; "" for what is no path."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        before = dotted(node.node)
        return step(before, node.attr) if before else ""
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before, key = dotted(node.node), node.arg.value
        if before and isinstance(key, int | str) and not isinstance(key, bool):
            return step(before, key)
    return ""


def _paths(node: nodes.Node) -> Iterator[str]:
    path = dotted(node)
    if path and not isinstance(node, nodes.Name):
        yield path
        return
    for child in node.iter_child_nodes():
        yield from _paths(child)


def _literals(node: nodes.Node, is_measured: bool, asserted: bool = False) -> Iterator[Literal]:
    """Texts that would be shown, and numbers where nothing measured is named."""
    if isinstance(node, nodes.Const):
        is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if isinstance(node.value, str) or (is_number and not is_measured):
            yield Literal(str(node.value), asserted)
    elif isinstance(node, nodes.Filter) and node.node is not None:
        yield from _literals(node.node, is_measured, asserted or node.name == "holds")
    elif isinstance(node, nodes.CondExpr):
        for branch in (node.expr1, node.expr2):
            if branch is not None:
                yield from _literals(branch, is_measured, asserted)
    elif isinstance(node, nodes.BinExpr | nodes.UnaryExpr | nodes.List | nodes.Tuple):
        for child in node.iter_child_nodes():
            yield from _literals(child, is_measured, asserted)


_SIGNS = {"gt": ">", "gteq": ">=", "lt": "<", "lteq": "<="}


def _comparisons(tree: nodes.Template) -> Iterator[tuple[str, str, str]]:
    for compare in tree.find_all(nodes.Compare):
        for operand in compare.ops[:1]:
            if operand.op in _SIGNS:
                yield dotted(compare.expr), _SIGNS[operand.op], dotted(operand.expr)


def _sought(tree: nodes.Template) -> Iterator[str]:
    """The places of values that a condition asks for, and that may be missing."""
    for compare in tree.find_all(nodes.Compare):
        name = compare.expr.value if isinstance(compare.expr, nodes.Const) else None
        for operand in compare.ops[:1]:
            at = dotted(operand.expr) if operand.op in ("in", "notin") else ""
            if at and isinstance(name, str):
                yield step(at, name)


def _shift(tree: nodes.Template) -> str:
    """A typed number that is added to a measured one, or that stretches it."""
    for node in tree.find_all((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div)):
        for typed in (node.left, node.right):
            value = typed.value if isinstance(typed, nodes.Const) else 0
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            is_sum = isinstance(node, nodes.Add | nodes.Sub)
            if value != int(value) or (is_sum and value >= 10):
                return f"{node.operator} {value}"
    return ""
