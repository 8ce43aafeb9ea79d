"""What carries a digit or a number word and is no quantity: the rules, each once, with its reason.

A number inside a match is structural. Rules see the text with its placeholders masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COUNTED = (
    "slides?|myths?|steps?|parts?|chapters?|sections?|figures?|tables?|rows?|columns?|lines?|"
    "pages?|questions?|items?|options?|rules?|tips?|lessons?|levels?|stages?|phases?|"
    "tiers?|pitfalls?|flags?|symptoms?|methods?|numbers?|no\\.|acts?|weeks?|days?|rounds?|boxes|"
    "box|rooms?|tracks?|sessions?|appendix|exercises?|examples?|problems?|tasks?|cases?|"
    "reasons?|notes?|volumes?|issues?|units?|scenes?|seasons?|episodes?|lectures?|"
    "halls?|booths?|gates?|floors?|desks?|platforms?"
)
_PLACES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sep(?:t|tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_PRODUCTS = (
    "GPT|ChatGPT|Llama|Claude|Gemini|Mistral|Qwen|Phi|Gemma|BERT|Python|PyTorch|CUDA|Windows|"
    "macOS|Ubuntu|Debian|iOS|Android|Java|Node|Chrome|Firefox|HTML|CSS|HTTP|TLS|UTF|ISO|RFC|IEEE|"
    "CC BY(?:-[A-Z]+)*|Apache|L?GPL|BSD|[Vv]ersions?|v|[Rr]elease|reveal\\.js|Graphviz|"
    "transformers|torch|scikit-learn|schema|Web|Industry|Formula|Catch|Route|Level|Area|Room|Agent|"
    "Wi-Fi|USB|RTX|"
    "GTX|iPhone|Pixel|Galaxy|Bluetooth|PCIe|DDR|Core|Ryzen|Xeon|Opus|Sonnet|C\\+\\+"
)
_TIME = "milliseconds?|seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|h"


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers inside a match of `pattern` are structural; `kinds`: only in such passages."""

    name: str
    pattern: re.Pattern[str]
    kinds: tuple[str, ...] = ()


def _rule(name: str, pattern: str, *kinds: str, case: bool = True) -> Rule:
    flags = re.MULTILINE if case else re.MULTILINE | re.IGNORECASE
    return Rule(name, re.compile(pattern, flags), kinds)


RULES = (
    _rule("address", r"\b(?:https?://|www\.|doi:?\s?|arXiv:|mailto:)\S+|\b10\.\d{4,}/\S+"),
    _rule(
        "file name", r"\b[\w/-]*\w\.(?:md|py|json|csv|tsv|toml|txt|svg|html|pdf|exe|ipynb|ya?ml)\b"
    ),
    _rule(
        "hash or colour",
        r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b",
    ),
    # `time` holds these against the script itself.
    _rule(
        "planned time",
        rf"~?\d+(?:[.:]\d+)?(?:\s?[-–]\s?\d+(?::\d+)?)?[-\s]?(?:{_TIME})\b|\d+:\d\d\b|"
        r"~?\d+(?:\s?[-–]\s?\d+)? words (?:per|a) minute",
        "plan",
    ),
    _rule("list number", r"^\s*\d{1,3}[.)](?=\s)"),
    _rule("numbered label", r"^\d{1,2}(?= [A-Z])", "diagram"),
    _rule(
        "date",
        r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b|"
        r"\b(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|[12]\d|3[01])[./](?:19|20)?\d\d\b",
    ),
    _rule(
        "date",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})\b(?:,? (?:19|20)\d\d)?|"
        rf"\b(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d)?|"
        rf"\b(?:{_MONTHS})\.? (?:19|20)\d\d\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]* (?:the )?"
        r"\d{1,2}(?:st|nd|rd|th)?\b",
    ),
    _rule(
        "year",
        r"(?:\b(?:in|since|from|until|till|by|before|after|early|late|mid|of|the|back in|summer|"
        r"spring|"
        r"autumn|winter|circa|around)[ -]|[(©]\s?|['’‘]|,\s?(?=\d{4}[).;])|\b[A-Z][A-Za-z]+ )"
        r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)?\d\d))?\b(?![.,]?\d|%|\s?percent)"
        # "2048 files" is no year, "2011 was" and "the 2011 data" are.
        r"(?!\speople\b)(?!\s(?!(?:is|was|has|as|this|us|does|its|always|perhaps)\b)[a-z]+s\b)",
        case=False,
    ),
    _rule("year", r"(?:\b[Ii]t['’]s|\(c\)|\b[HQ][1-4]) (?:19|20)\d\d\b(?![.,]\d|\s?%| [a-z]+s\b)"),
    _rule(
        "year in words",
        r"\b(?:nineteen|twenty)[ -](?:hundred|oh[ -][a-z]+|ten|eleven|twelve|[a-z]+teen|"
        r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -][a-z]+)?)\b",
        case=False,
    ),
    # The run computes no others.
    _rule(
        "level of the intervals", r"\b95\s?%(?=\s+(?:confidence\s+)?(?:intervals?|ranges?|CIs?)\b)"
    ),
    _rule(
        "level of the intervals",
        r"\bninety-five percent(?=\s+(?:confidence\s+)?(?:intervals?|ranges?)\b)",
        case=False,
    ),
    _rule("decade", r"\b(?:(?:19|20)\d0|['’]?\d0)s\b"),
    _rule(
        "time of day",
        r"\b\d{1,2}:\d\d\b(?::\d\d)?|\b\d{1,2}\s?(?:[ap]\.?m\b\.?|o['’]clock)",
        case=False,
    ),
    _rule("time of day", r"\b(?:nine to five|(?:" + _PLACES + r") o['’]clock)\b", case=False),
    _rule("version", r"\bv?\d+\.\d+\.\d+(?:[.\w-]*)|\bv\d+(?:\.\d+)*\b"),
    _rule(
        "name", rf"\b(?:{_PRODUCTS})[ -/]?v?\d+(?:\.\d+)*(?:[A-Za-z]+\b)?(?![\d%]|\s?(?:%|percent))"
    ),
    # A letter, then digits, without a decimal fraction or a percent sign: GPT-2, Q4, int8, H100.
    _rule(
        "name",
        r"(?<![\w$€£.])[A-Z][A-Za-z]*(?:[-_'’][A-Za-z]+)*[-_'’]?\d+(?:[-_.]?[A-Za-z]+\d*|"
        r"[-_]\d+[A-Za-z]*|\.\d+(?=-[A-Za-z\d])|-[A-Za-z]+)*(?![\w%]|\.\d|\s?(?:%|percent))",
    ),
    _rule("name", r"(?<![\w$€£.])[a-z]{1,5}\d+[a-z]?\b(?![%.]\d)"),
    _rule("name", r"['’]\d\d\b(?!\s?(?:%|percent))"),
    _rule(
        "name",
        r"(?<![\w.,$€£-])(?:[1-4]D|\d+x\d+|1:1|00\d|\d-grams?|"
        r"(?:12|24)-hour(?= clock| format)|[2-6]G|2FA|[48]K|"
        r"\d+p|\d+[- ]?bits?|\d+px|24/7|9-to-5|50[-/]50|"
        r"\d+(?:\.\d+)?B(?=[ -]models?\b))(?!\w)",
    ),
    _rule("error code", r"\b(?:error|status|HTTP|code)\s+#?\d{3}\b", case=False),
    _rule("error code", r"\b(?:four|five)[ -]oh[ -](?:one|two|three|four)\b", case=False),
    _rule(
        "place in a list",
        r"(?:\btop|\bfirst|\bmyth|\bbest)[ -]\d{1,2}\b(?!\s?[%.]\d|\s?%)",
        case=False,
    ),
    _rule(
        "place in a list",
        rf"\b(?:{_COUNTED})\s?#?\d{{1,3}}(?:\s?(?:[-–,/]|and|or|to|of)\s?"
        rf"\d{{1,3}})*[A-Za-z]?\b"
        r"(?![.,]\d|\s?(?:%|per ?cent|million|thousand|hundred|times|dollars))",
        case=False,
    ),
    _rule(
        "place in a list",
        r"\b(?:sections?|chapters?|figures?|tables?|appendix|exercises?) [A-Z]?\d+\.\d+\b",
        case=False,
    ),
    _rule(
        "place in a list",
        r"\b(?:[1-9]|1[0-2])(?:st|nd|rd|th)\b(?! (?:percentile|epoch|quantile|decile|message))",
    ),
    _rule("place in a list", r"\b[Bb]est of \d\b"),
    _rule("place in a list", r"(?<!\w)#\d{1,3}\b(?!\s?%)"),
    _rule(
        "place in a list",
        rf"\b(?:{_COUNTED})\s(?:{_PLACES})\b(?![ -](?:percent|hundred|thousand|million|point))",
        case=False,
    ),
    _rule(
        "part of a whole",
        r"\b(?:which|other|first|second|last|better|best|worse|top|bottom|upper|lower|left|right|"
        r"this|that|either|each|your|my|our|their|its)\s(?:one\s)?half\b",
        case=False,
    ),
    _rule(
        "figure of speech",
        r"\b(?:(?:zero|one|few|two)-shot|(?:zero|two)-(?:sum|day|trust|way|sided|faced)|"
        r"\w+-year-olds?|twenty-four seven|fifty-fifty|one-size-fits-all|one-time|one-off|"
        r"one on one|a thousand thanks|"
        r"half a dozen of the other|best of (?:three|five)|half-(?:hearted|baked|life|time)|"
        r"halfway|"
        r"(?:think|look|ask) twice|ground zero|dollar signs?|"
        r"double[- ](?:check|click|tap|bass|agent)\w*|"
        r"two cents|(?:the )?thousand "
        r"words|(?:million|billion)[- ]dollar question)\b",
        case=False,
    ),
    _rule(
        "dollar signs",
        rf"\b(?:(?:{_PLACES})(?:\s(?:to|or)\s(?:{_PLACES}))?)\sdollar signs?\b",
        case=False,
    ),
)

_DIGIT = re.compile(r"\d")
_WORD_RULES = tuple(rule for rule in RULES if r"\d" not in rule.pattern.pattern)


def structural_spans(text: str, kind: str) -> Iterator[tuple[int, int, str]]:
    """Spans of masked `text` whose numbers are structural: start, end, name of the rule."""
    rules = RULES if _DIGIT.search(text) else _WORD_RULES
    for rule in rules:
        if not rule.kinds or kind in rule.kinds:
            for found in rule.pattern.finditer(text):
                yield found.start(), found.end(), rule.name
