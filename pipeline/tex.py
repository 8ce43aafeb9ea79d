"""A formula's TeX -> MathML, and text where there is only text.

latex2mathml translates, and lets much through: what it doesn't know it shows as text, a comment
eats the rest, a line break vanishes. So what goes in is checked first, and what comes out is taken
over by lists of known elements and attributes, in the form that MathML Core (and so Chromium)
draws.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from xml.etree.ElementTree import Element

import msgspec

from pipeline.problems import nearest

MOST_SIGNS = 2_000  # of one formula
MOST_BRACES = 30  # inside each other
DOLLAR = r"for a dollar sign write \$"
MARK = re.compile("\ue000[0-9]+\ue001")
TEXT = re.compile(r"\\(?:text(?:bf|it|md|normal|rm|sf|tt|up)?|mbox|hbox|fbox|emph)\s*\{([^{}]*)\}")
OPERATOR = re.compile(r"\\operatorname(\*?)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([a-zA-Z]+\*?|.)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}")
_LENGTH = re.compile(r"-?(?:\d++(?:\.\d++)?|\.\d++)(?:em|ex|px|pt|pc|cm|mm|in)$|0$")


class Formula(msgspec.Struct, frozen=True):
    """MathML with the marks of its values in it, and what is read where there is only text."""

    mathml: str
    plain: str


class WrongError(Exception):
    """What is wrong with a formula."""

    def __init__(self, message: str, hint: str = DOLLAR) -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache(maxsize=2048)
def translated(latex: str, display: bool) -> Formula:
    """A formula in MathML and as text. Raises WrongError.

    Kept while the program runs: one takes about a quarter of a millisecond.
    """
    names: list[str] = []
    prepared = _prepared(latex, names)
    from latex2mathml.converter import Converter

    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(prepared)
    except RecursionError:
        raise WrongError("too much stands inside each other", "divide it") from None
    except Exception as error:  # its own errors, and those of an argument that isn't there
        raise WrongError(*_said(error)) from None
    rows = [_clean(child, names) for child in tree]
    _space(rows[0])
    math = Element("math", {"display": "block"} if display else {})
    math.extend(rows)
    return Formula(_written(math), " ".join(_plain(math).split()))


_ERRORS = {
    "NumeratorNotFoundError": "nothing stands above the fraction's line",
    "DenominatorNotFoundError": "nothing stands below the fraction's line",
    "ExtraLeftOrMissingRightError": r"\left and \right don't belong together",
    "MissingSuperScriptOrSubscriptError": "nothing follows `^` or `_`",
    "DoubleSubscriptsError": "two subscripts in a row",
    "DoubleSuperscriptsError": "two superscripts in a row",
    "NoAvailableTokensError": "something is missing at its end",
    "MissingEndError": r"a \begin without its \end",
    "InvalidAlignmentError": "columns are `l`, `c`, `r` and `|`",
    "LimitsMustFollowMathOperatorError": r"\limits follows a sign like \sum",
}


def _said(error: Exception) -> tuple[str, str]:
    name = type(error).__name__
    if name.startswith("Double"):
        return _ERRORS[name], "put braces around one of them: {a^b}^c"
    return _ERRORS.get(name, "it is not complete"), f"complete it; {DOLLAR}"


# --- Checked before it is translated --------------------------------------------------------------

# Known to the translator, and nothing for a slide: addresses, styles, definitions, what takes place
# differently in each browser.
# fmt: off
_REFUSED = frozenset([
    "href", "style", "class", "unicode", "newcommand", "newenvironment", "def",
    "DeclareMathOperator", "color", "textcolor", "colorbox", "fcolorbox", "verb", "verb*",
    "llap", "rlap", "clap", "mathllap", "mathrlap", "mathclap", "raise", "lower", "moveleft",
    "moveright", "rule", "skew", "leftroot", "uproot", "shoveleft", "shoveright", "vcenter",
    "LaTeX", "TeX", "eqalignno", "displaylines", "eqalign", "Huge", "huge", "LARGE", "Large",
    "large", "footnotesize", "normalsize", "scriptsize", "small", "tiny", "Tiny", "hfil",
    "label", "ref", "eqref", "cite", "sideset", "smash", "mathchoice",
])
# fmt: on
_ALIASES = {
    "aligned": "align*",
    "align": "align*",
    "gathered": "matrix",
    "gather": "matrix",
    "gather*": "matrix",
    "dcases": "cases",
    "equation": "",
    "equation*": "",
    "displaymath": "",
}
_ALSO = {"arg": r"\operatorname{arg}", "coloneqq": ":=", "iff": r"\Leftrightarrow "}
_HINTS = {"over": r"write \frac{a}{b}", "color": "a formula has the text's colour"}


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The commands and the environments that can be shown."""
    from latex2mathml import commands
    from latex2mathml.symbols_parser import SYMBOLS

    names = set(SYMBOLS)
    for value in vars(commands).values():
        names |= {value} if isinstance(value, str) else set()
        names |= (
            {key for key in value if isinstance(key, str)} if isinstance(value, dict) else set()
        )
        is_list = isinstance(value, tuple | frozenset)
        names |= {key for key in value if isinstance(key, str)} if is_list else set()
    known = {name[1:] for name in names if re.fullmatch(r"\\[A-Za-z]+\*?", name)}
    blocks = {name[1:] for name in commands.MATRICES} - {"substack", "eqalign", "eqalignno"}
    signs = set("\\[]{} !,:>;|_%#$&")
    more = {"begin", "end", "left", "right", "middle", "operatorname", "operatorname*"}
    return (
        frozenset((known | signs | more | set(_ALSO)) - _REFUSED),
        frozenset((blocks | set(_ALIASES)) - {"displaylines"}),
    )


def _prepared(latex: str, names: list[str]) -> str:
    """The formula as the translator understands it; `names` gets the operators' own names."""
    if len(latex) > MOST_SIGNS:
        raise WrongError(f"it has more than {MOST_SIGNS:,} signs", "divide it")
    _check_braces(latex)
    known, blocks = _known()
    needs_name = re.search(r"\\operatorname\*?(?!\s*\{|[*a-zA-Z])", latex)
    if needs_name or re.search(r"(?<!\\)(?:\\\\)*\\$", latex):
        raise WrongError("something is missing at its end", f"complete it; {DOLLAR}")
    for found in _COMMAND.finditer(latex):
        if found[1] not in known and found[1].rstrip("*") not in known:
            name = found[1]
            hint = _HINTS.get(name) or (nearest(name, known) if name not in _REFUSED else "")
            hint = "" if hint.startswith("known:") else hint  # there are hundreds
            raise WrongError(f"unknown command `\\{name}`", hint or "say it without this command")
    bare = re.sub(r"\\.", "  ", latex)
    for sign, hint in (("%", r"\%"), ("#", r"\#"), ("$", r"\$")):
        if sign in bare:
            raise WrongError(f"`{sign}` means something else in TeX", f"write {hint}")
    return _marked(_blocks(latex, bare, blocks), names)


def _check_braces(latex: str) -> None:
    depth = 0
    for found in re.finditer(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0:
            raise WrongError("a `}` closes nothing", r"a brace to be seen is \}")
        if depth > MOST_BRACES:
            raise WrongError("too many braces inside each other", "divide it")
    if depth:
        raise WrongError("a `{` is not closed", r"a brace to be seen is \{")
    if latex.count(r"\left") > MOST_BRACES or latex.count(r"\begin") > MOST_BRACES:
        raise WrongError("too much stands inside each other", "divide it")


def _blocks(latex: str, bare: str, known: frozenset[str]) -> str:
    open_: list[str] = []
    for found in _ENVIRONMENT.finditer(latex):
        if found[2] not in known:
            hint = nearest(found[2], known)
            hint = hint if len(hint) < 60 else "such as aligned, matrix, pmatrix, cases, array"
            raise WrongError(f"unknown environment `{found[2]}`", hint)
        columns = re.match(r"\s*\{([^{}]*)\}", latex[found.end() :])
        if found[0] == r"\begin{array}" and not (columns and re.fullmatch("[lcr| ]+", columns[1])):
            raise WrongError(_ERRORS["InvalidAlignmentError"], r"\begin{array}{l|cr}")
        if found[1] == "begin":
            open_.append(found[2])
        elif not open_ or open_.pop() != found[2]:
            raise WrongError(f"`\\end{{{found[2]}}}` ends nothing", r"each \begin has its \end")
    if open_:
        raise WrongError(f"`\\begin{{{open_[-1]}}}` has no \\end")
    has_rows = re.search(r"\\begin|\\substack|\\[pbBvV]?matrix|\\cases", latex)
    if not has_rows and ("&" in bare or "\\\\" in latex):
        raise WrongError(
            "rows and columns stand in an environment", r"\begin{aligned} … \\ … \end{aligned}"
        )

    def renamed(found: re.Match[str]) -> str:
        name = _ALIASES.get(found[2], found[2])
        return f"\\{found[1]}{{{name}}}" if name else " "

    return _ENVIRONMENT.sub(renamed, latex)


def _marked(latex: str, names: list[str]) -> str:
    """Marks stand as texts of their own; an operator's name is one of letters until it is shown."""

    def operator(found: re.Match[str]) -> str:
        said = re.sub(r"\\[,;: ]|~", " ", found[2])
        said = re.sub(r"\\(?:math|text)[a-z]*|[\\{}]", "", said)
        names.append(" ".join(said.split()))
        return f"\\operatorname{found[1]}{{{'q' * len(names)}z}}"

    for text in re.finditer(
        r"\\(?:text(?:bf|it|md|normal|rm|sf|tt|up)?|mbox|hbox|emph)\s*\{", latex
    ):
        if not TEXT.match(latex, text.start()):
            raise WrongError("braces inside a text", r"end the text before them: \text{…}")
    for name, form in _ALSO.items():
        latex = re.sub(rf"\\{name}(?![A-Za-z])", form.replace("\\", r"\\"), latex)
    latex = OPERATOR.sub(operator, latex)
    made, at = "", 0
    for text in TEXT.finditer(latex):
        made += MARK.sub(lambda found: rf"{{\text{{{found[0]}}}}}", latex[at : text.start()])
        made += text[0]
        at = text.end()
    return made + MARK.sub(lambda found: rf"{{\text{{{found[0]}}}}}", latex[at:])


# --- Taken over after it is translated ------------------------------------------------------------

_ELEMENTS = {
    "mrow": "",
    "mi": "mathvariant",
    "mn": "",
    "mo": "stretchy fence form minsize maxsize accent movablelimits largeop lspace rspace",
    "mtext": "",
    "mspace": "width height depth",
    "mfrac": "linethickness",
    "msqrt": "",
    "mroot": "",
    "msub": "",
    "msup": "",
    "msubsup": "",
    "munder": "accentunder",
    "mover": "accent",
    "munderover": "",
    "mtable": "displaystyle columnalign rowlines columnlines",
    "mtr": "",
    "mtd": "columnalign",
    "mstyle": "displaystyle scriptlevel",
    "mpadded": "width height depth",
    "mphantom": "",
    "menclose": "notation",
}
# Chromium stretches no arrow, and paints the signs for accents of all widths cut off.
_LONG = dict(zip("→←↔⇒⇐⇔↦", "⟶⟵⟷⟹⟸⟺⟼", strict=True))
_RELATION = {"lspace": "0.278em", "rspace": "0.278em"}
_CHILDREN = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_NAMED = {"thin": 0.167, "medium": 0.222, "thick": 0.278}
_FENCES = "⟨⟩⌊⌋⌈⌉⟦⟧"
_LIMITS = frozenset(
    ["∑", "∏", "∐", "⋂", "⋃", "⨁", "⨂", "⋀", "⋁", "lim", "sup", "inf", "max", "min"]
)
_ITALIC_GREEK = re.compile("[Α-Ω]")


def _clean(element: Element, names: list[str]) -> Element:
    """The element and all in it, by the lists; texts as they are shown."""
    tag = element.tag
    if tag not in _ELEMENTS:
        raise WrongError(f"`{tag}` can't be shown", "say it without this command")
    if element.get("linebreak"):
        raise WrongError("a line break outside rows", r"\begin{aligned} … \\ … \end{aligned}")
    made = Element(tag)
    allowed = _ELEMENTS[tag].split()
    for name, value in element.attrib.items():
        length = _length(value) if name in ("width", "height", "depth") else value
        if name in allowed and length:
            made.set(name, length)
    made.extend([_clean(child, names) for child in element])
    if tag in _CHILDREN and len(made) != _CHILDREN[tag]:
        raise WrongError("something is missing at its end", f"complete it; {DOLLAR}")
    if tag == "mspace" and "width" in element.attrib and not made.get("width"):
        raise WrongError(f"`{element.get('width')}` is no length", r"\hspace{1em}")
    raw = element.text or ""
    made.text = html.unescape(raw) if raw.strip() else ""
    variant = element.get("mathvariant", "")
    if tag == "mpadded" and element.get("width", "").startswith("+"):  # beside a long arrow's words
        made.tag, made.attrib = "mrow", {}
        made.insert(0, Element("mspace", {"width": "0.4em"}))
        made.append(Element("mspace", {"width": "0.4em"}))
    if tag in ("mi", "mn", "mo", "mtext"):
        _set_text(made, raw, variant, names)
    if tag == "mtable":
        _rule(made, element)
    return _with_primes(_with_accents(_with_limits(made)))


def _length(value: str) -> str:
    """A length as MathML Core knows it; "" for another."""
    for name, size in _NAMED.items():
        if value.endswith(f"{name}mathspace"):
            value = f"{'-' if value.startswith('negative') else ''}{size}em"
    if value.endswith("mu"):
        value = f"{float(value[:-2]) / 18:.3f}em"
    return value if _LENGTH.match(value) else ""


def _set_text(made: Element, raw: str, variant: str, names: list[str]) -> None:
    text = made.text or ""
    if re.fullmatch("q+z", text) and len(text) <= len(names) + 1:
        text = names[len(text) - 2].replace(" ", "\u2009")
        made.tag = "mo" if made.get("movablelimits") else "mi"
    if made.tag == "mtext":
        text = re.sub(r"\\([%$&#_{} ])", r"\1", text)
        made.set("class", variant) if variant in ("bold", "italic", "monospace") else None
    elif raw == "&" or re.match(r"\\[A-Za-z]", text):
        raise WrongError(f"`{text}` can't be shown here", "say it without it")
    is_upright = variant == "normal" or bool(re.fullmatch(r"&#x[0-9a-fA-F]+;", raw))
    if variant and variant != "normal":
        text = "".join(_styled(sign, variant) for sign in text)
    if made.tag == "mi":
        made.attrib.pop("mathvariant", None)
        is_letter = len(text) == 1 and text.isascii() and text.isalpha()
        if (is_letter and is_upright) or (len(text) == 1 and _ITALIC_GREEK.match(text)):
            made.set("mathvariant", "normal")
        if len(text) == 1 and text in _FENCES:
            made.tag = "mo"
            made.attrib = {"stretchy": "false"}
        if len(text) == 1 and text in ":;":
            made.tag, made.attrib = "mo", _RELATION if text == ":" else {}
    if made.tag == "mo" and len(text) > 1 and text[0].isalpha():
        made.set("lspace", "0")
        made.set("rspace", "0")
    made.text = text


_STYLES = {
    "bold": ("BOLD",),
    "italic": ("ITALIC",),
    "bold-italic": ("BOLD ITALIC", "BOLD"),
    "double-struck": ("DOUBLE-STRUCK",),
    "script": ("SCRIPT",),
    "fraktur": ("FRAKTUR",),
    "sans-serif": ("SANS-SERIF",),
    "sans-serif-italic": ("SANS-SERIF ITALIC",),
    "monospace": ("MONOSPACE",),
}
# Those that were signs before there was an alphabet of them.
_OLDER = {
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
    "italic": {"h": "ℎ"},
}


def _styled(sign: str, variant: str) -> str:
    """A letter or digit in another mathematical alphabet, which has signs of its own."""
    if older := _OLDER.get(variant, {}).get(sign):
        return older
    name = unicodedata.name(sign, "").replace("LATIN ", "").replace("GREEK ", "")
    name = name.replace("LETTER ", "")
    for style in _STYLES.get(variant, ()):
        try:
            return unicodedata.lookup(f"MATHEMATICAL {style} {name}")
        except KeyError:
            continue
    return sign


def _with_limits(made: Element) -> Element:
    """What stands beside a sum in a line stands below and above it on display."""
    known = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
    base = made[0] if len(made) else made
    has_scripts = made.tag in (*known, *known.values()) and base.tag == "mo"
    if has_scripts and (base.get("movablelimits") == "true" or base.text in _LIMITS):
        made.tag = known.get(made.tag, made.tag)
        base.set("movablelimits", "true")
    return made


def _with_accents(made: Element) -> Element:
    """What is as wide as its letters: a long arrow, and a line, which is a border."""
    if made.tag not in ("mover", "munder", "munderover"):
        return made
    if made[0].tag == "mstyle" and len(made[0]) == 1 and made[0][0].tag == "mo":
        made[0] = made[0][0]
        made[0].text = _LONG.get(made[0].text or "", made[0].text)
    over = made[1].text or ""
    if made.tag in ("mover", "munder") and made[1].tag == "mo" and over in ("―", "\u0332", "_"):
        row = Element("mrow", {"class": "overline" if made.tag == "mover" else "underline"})
        row.append(made[0])
        return row
    if made.tag == "mover" and over in _LONG and len(made[0]) > 1:
        made[1].text = _LONG[over]
    return made


def _with_primes(made: Element) -> Element:
    """The face's primes are raised already."""
    if made.tag not in ("msup", "msubsup") or not re.fullmatch("[′″‴⁗]+", made[-1].text or ""):
        return made
    row, prime = Element("mrow"), Element("mo", {"lspace": "0", "rspace": "0"})
    prime.text = made[-1].text
    made.remove(made[-1])
    if made.tag == "msubsup":
        made.tag = "msub"
        row.extend([made, prime])
    else:
        row.extend([*made, prime])
    return row


def _rule(made: Element, table: Element) -> None:
    """Lines and gaps of a table, as classes: MathML Core leaves them to the stylesheet."""
    if table.get("columnspacing", "").startswith("0em"):
        made.set("class", "pairs")
    rows, columns = ((table.get(f"{name}lines") or "").split() for name in ("row", "column"))
    for row, cells in enumerate(made):
        if row < len(rows) and rows[row] in ("solid", "dashed"):
            cells.set("class", "ruled")
        for column, cell in enumerate(cells):
            if column < len(columns) and columns[column] in ("solid", "dashed"):
                cell.set("class", "ruled")


def _space(row: Element) -> None:
    """A thin space between the name of a function and what is no bracket, as TeX has it."""
    for child in row:
        _space(child)
    if row.tag not in ("mrow", "mtd", "mstyle", "msqrt", "mphantom"):
        return
    if len(row) == 1 and row[0].tag == "mo" and row.tag == "mrow" and len(row[0].text or "") == 1:
        row[0].set("lspace", "0")  # {,} and {=}: a sign like a letter
        row[0].set("rspace", "0")
    made: list[Element] = []
    for child in row:
        before = made[-1] if made else None
        is_operator = before is not None and before.tag == "mo" and not _ends_term(before)
        if child.tag == "mo" and child.text in ("+", "−", "±", "∓") and is_operator:
            child.set("form", "prefix")  # a sign, and no operation
        if before is not None and _is_apart(before, child):
            made.append(Element("mspace", {"width": "0.167em"}))
        made.append(child)
    row[:] = made


def _is_apart(before: Element, after: Element) -> bool:
    """Whether a function's name stands here, and a space between it and its neighbour."""
    if "mspace" in (before.tag, after.tag):
        return False
    return (_is_name(after) and _ends_term(before)) or (_is_name(before) and _begins(after))


def _base(element: Element) -> Element:
    scripts = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
    return _base(element[0]) if element.tag in scripts and len(element) else element


def _is_name(element: Element) -> bool:
    base = _base(element)
    return base.tag in ("mi", "mo") and len(base.text or "") > 1 and (base.text or "x")[0].isalpha()


def _ends_term(element: Element) -> bool:
    base = _base(element)
    return base.tag != "mo" or (base.text or "") in ")]}⟩⌋⌉"


def _begins(element: Element) -> bool:
    base = _base(element)
    first = base[0] if base.tag == "mrow" and len(base) else base
    return first.tag != "mo" and _base(first).tag != "mo"


def _written(element: Element) -> str:
    attributes = "".join(f' {k}="{html.escape(v)}"' for k, v in element.attrib.items())
    inside = html.escape(element.text or "", quote=False) + "".join(map(_written, element))
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


# --- Read where there is only text ----------------------------------------------------------------


def _plain(element: Element) -> str:
    """A formula as one line of text: E = mc², (a + b)/c, √x."""
    inside = [_plain(child) for child in element]
    match element.tag:
        case "mfrac":
            return f"{_grouped(inside[0])}/{_grouped(inside[1])}"
        case "msqrt":
            return f"√{_grouped(''.join(inside))}"
        case "mroot":
            return f"{_grouped(inside[0])}^(1/{inside[1]})"
        case "msub":
            return inside[0] + _script(inside[1], "_")
        case "munder":
            return inside[0] + _script(inside[1], "_") + " "
        case "msup" | "mover":
            return inside[0] + _script(inside[1], "^")
        case "msubsup" | "munderover":
            space = " " if element.tag == "munderover" else ""
            return inside[0] + _script(inside[1], "_") + _script(inside[2], "^") + space
        case "mtable":
            return "; ".join(inside)
        case "mtr":
            return ("" if inside[1:] and "=" in inside[1] else ", ").join(inside)
        case "mspace":
            return " "
        case "mo":
            text = element.text or ""
            return f" {text} " if text in "=≠≈≤≥<>+−±×⋅→∈∉⊂∼≡∝" and text else text
        case _:
            return (element.text or "") + "".join(inside)


_RAISED = {"2": "²", "3": "³", "n": "ⁿ", "′": "′", "″": "″", "⊤": "ᵀ", "*": "*"}


def _script(text: str, sign: str) -> str:
    text = text.strip()
    if sign == "^" and text in _RAISED:
        return _RAISED[text]
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 or text.isalnum() else f"({text})"
