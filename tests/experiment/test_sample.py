"""The embedded sample: its format, its limits and how hard it is. See deck/sample/README.md."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from support.needs import need

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "deck" / "sample"

# Two messages closer than this are near copies: one could stand on each side of a split.
MAX_JACCARD = 0.45  # shared character 4-grams
MAX_COSINE = 0.6  # TF-IDF of character 3-5-grams within word boundaries

# Ranges kept for fiction by their regulators: the US's, with or without an area code, and
# three of the UK.
FICTIONAL = re.compile(r"(?:1?\d{3})?55501\d{2}|07700900\d{3}|02079460\d{3}|08081570\d{3}")
# A run of digits as a phone number is written. Six digits or fewer are codes and amounts.
NUMBERS = re.compile(r"\+?\(?\d(?:[ ()-]{0,2}\d)+")
SHORT_CODE = re.compile(r"\bte?xt [A-Z -]+ to (\d+)|\bto (\d{5})\b", re.IGNORECASE)
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
RESERVED_DOMAIN = re.compile(
    r"(?:.*\.)?example\.(?:com|org|net)|.+\.(?:example|test|invalid)", re.IGNORECASE
)


def messages() -> list[tuple[str, str]]:
    """The sample as (label, text), in the file's order."""
    raw = (SAMPLE / "messages.tsv").read_bytes()
    pairs = []
    for line in raw.decode("utf-8").removesuffix("\n").split("\n"):
        label, _, text = line.partition("\t")
        pairs.append((label, text))
    return pairs


def hard() -> dict[int, str]:
    """The hard lines: 1-based line number to reason."""
    lines = (SAMPLE / "hard.txt").read_text(encoding="utf-8").splitlines()
    return {int(number): reason for number, _, reason in (line.partition(" ") for line in lines)}


def collapsed(text: str) -> str:
    """Lower case, each run of digits as one 0: a changed amount must not hide a copy."""
    return re.sub(r"\d+", "0", text.lower())


def named(value: float, first: int, second: int) -> str:
    """How close a pair is and which it is, for a failure's message."""
    texts = [text for _, text in messages()]
    return f"{value:.3f}, lines {first + 1} and {second + 1}: {texts[first]!r}, {texts[second]!r}"


def bad_numbers(text: str) -> list[str]:
    """What looks like a phone number or a short code and isn't a fictional one."""
    found = []
    for match in NUMBERS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) >= 7 and not FICTIONAL.fullmatch(digits):
            found.append(match[0])
    for match in SHORT_CODE.finditer(text):
        code = match[1] or match[2]
        if not (len(code) == 5 and code.startswith("00")):
            found.append(code)
    return found


def bad_domains(text: str) -> list[str]:
    """Domains outside the names reserved for examples and tests."""
    return [name for name in DOMAIN.findall(text) if not RESERVED_DOMAIN.fullmatch(name)]


def test_format() -> None:
    """UTF-8, \\n ends, one tab, a known label, a text without control characters or odd spaces."""
    raw = (SAMPLE / "messages.tsv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\n")
    assert not raw.endswith(b"\n\n")
    for number, line in enumerate(raw.decode("utf-8").removesuffix("\n").split("\n"), 1):
        assert line.count("\t") == 1, f"line {number}: one tab, not {line.count(chr(9))}"
        label, text = line.split("\t")
        assert label in {"ham", "spam"}, f"line {number}: label {label!r}"
        assert text, f"line {number}: no text"
        assert text == text.strip(), f"line {number}: space at an end"
        odd = [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}]
        assert not odd, f"line {number}: {odd!r}"


def test_counts() -> None:
    """At least 600 messages, at least 150 of each label, ham about two thirds."""
    labels = Counter(label for label, _ in messages())
    assert labels.total() >= 600
    assert min(labels["ham"], labels["spam"]) >= 150
    assert 0.62 <= labels["ham"] / labels.total() <= 0.74


def test_hard_list() -> None:
    """At least 100 hard lines: in order, each once, each there, each with a reason, both labels."""
    pairs, marked = messages(), hard()
    lines = (SAMPLE / "hard.txt").read_text(encoding="utf-8").splitlines()
    assert len(marked) == len(lines), "a line number occurs twice"
    assert list(marked) == sorted(marked)
    assert len(marked) >= 100
    assert min(marked) >= 1
    assert max(marked) <= len(pairs)
    assert all(marked.values()), "a hard line has no reason"
    labels = Counter(pairs[number - 1][0] for number in marked)
    assert min(labels["ham"], labels["spam"]) >= 40


def test_readme_counts() -> None:
    """The counts in the README's tables are those of the files."""
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    pairs, marked = messages(), hard()
    for label in ("ham", "spam"):
        count = sum(1 for found, _ in pairs if found == label)
        difficult = sum(1 for number in marked if pairs[number - 1][0] == label)
        assert f"| {label} | {count} | {difficult} |" in readme
        section = readme.split(f"### Kinds of {label}\n")[1].split("\n#")[0]
        rows = re.findall(r"^\| [^|]+ \| (\d+) \| (\d+) \|$", section, re.MULTILINE)
        assert sum(int(row[0]) for row in rows) == count
        assert sum(int(row[1]) for row in rows) == difficult
    assert f"| together | {len(pairs)} | {len(marked)} |" in readme


def test_no_near_copies() -> None:
    """No two messages share too many character 4-grams, digits collapsed."""
    pairs = messages()
    grams = []
    for _, text in pairs:
        padded = f" {collapsed(text)} "
        grams.append(frozenset(padded[i : i + 4] for i in range(max(1, len(padded) - 3))))
    worst, first, second = 0.0, 0, 0
    for i, j in combinations(range(len(grams)), 2):
        small, large = sorted((len(grams[i]), len(grams[j])))
        if small <= worst * large:  # can't be closer than the closest so far
            continue
        shared = len(grams[i] & grams[j])
        value = shared / (small + large - shared)
        if value > worst:
            worst, first, second = value, i, j
    pair = named(worst, first, second)
    print(f"largest Jaccard of character 4-grams {pair}")
    assert worst < MAX_JACCARD, pair


def test_no_near_copies_by_tfidf() -> None:
    """No two messages are close as TF-IDF vectors of character n-grams, digits collapsed."""
    need(importlib.util.find_spec("sklearn"), "scikit-learn isn't installed")
    from sklearn.feature_extraction.text import TfidfVectorizer

    pairs = messages()
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(
        [collapsed(text) for _, text in pairs]
    )
    cosine = (vectors @ vectors.T).toarray()
    for i in range(len(pairs)):
        cosine[i, i] = 0.0
    first, second = divmod(int(cosine.argmax()), len(pairs))
    worst = float(cosine[first, second])
    pair = named(worst, first, second)
    print(f"largest cosine {pair}")
    assert worst < MAX_COSINE, pair


def test_the_checks_for_real_numbers_and_domains_catch() -> None:
    """What the next two tests rely on does find a number and a domain that could be real."""
    for text in ("ring 07700 800123", "+1 (212) 556-0123", "call 5560123", "text WIN to 87121"):
        assert bad_numbers(text), text
    for text in ("ring 07700 900123", "(212) 555-0123", "020 7946 0112", "text WIN to 00121"):
        assert not bad_numbers(text), text
    assert bad_domains("see www.shop.co.uk/x and pay.example.info") == [
        "www.shop.co.uk",
        "pay.example.info",
    ]
    assert not bad_domains("a@b.example, https://x.test/y.z, example.com/a, pay.example.org")


def test_no_real_phone_numbers() -> None:
    """Phone numbers are in ranges kept for fiction, short codes start with 00."""
    found = {n: bad for n, (_, text) in enumerate(messages(), 1) if (bad := bad_numbers(text))}
    assert not found


def test_no_real_domains() -> None:
    """Domains are reserved ones: example.com/.org/.net, .example, .test, .invalid."""
    found = {n: bad for n, (_, text) in enumerate(messages(), 1) if (bad := bad_domains(text))}
    assert not found


def test_a_linear_model_finds_it_possible_and_not_easy() -> None:
    """TF-IDF and a linear SVM, 5-fold cross-validated: better than a guess, short of perfect."""
    need(importlib.util.find_spec("sklearn"), "scikit-learn isn't installed")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    pairs = messages()
    texts = [text for _, text in pairs]
    labels = [int(label == "spam") for label, _ in pairs]
    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LinearSVC(random_state=0),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    guesses = cross_val_predict(model, texts, labels, cv=folds)
    lines = [number - 1 for number in hard()]
    everything = f1_score(labels, guesses)
    difficult = f1_score([labels[i] for i in lines], [guesses[i] for i in lines])
    rest = sorted(set(range(len(pairs))) - set(lines))
    plain = f1_score([labels[i] for i in rest], [guesses[i] for i in rest])
    print(f"F1 of spam {everything:.3f}, hard lines {difficult:.3f}, the others {plain:.3f}")
    assert 0.6 < everything < 1.0
    assert difficult < plain, "the hard lines aren't harder"
