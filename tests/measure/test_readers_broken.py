"""Whatever bytes a command writes: a tree of finite numbers, or one error."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.measure import readers
from pipeline.measured import numbers_in, plain_tree, tree_of
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast
FILES = Path(__file__).parent.parent / "fixtures" / "measure"
WHOLE = sorted(path for path in FILES.iterdir() if path.is_file())
PIECES = [
    "NaN",
    '"a"',
    "1",
    "-0.5e3",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    ";",
    "\t",
    "\n",
    " ",
    "=",
    "µs",
]
PIECES += ["1,5", "93.3%", "± 2", "\\ud800", "null", "true", "a", "\ufeff", "1e999", "\x1b[1m", "'"]


def read_or_refused(raw, form=""):
    """Read it; what is read can be kept in a file and come back the same."""
    try:
        values = readers.read(raw, Path("out"), form)[0]
    except TalkError:
        return
    assert next(numbers_in(values))
    kept = msgspec.json.decode(msgspec.json.encode(plain_tree(values)))
    assert tree_of(kept) == values


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_half_a_file_is_read_right_or_refused(path):
    """Cut off at any place, as a killed command leaves it."""
    raw = path.read_bytes()
    for end in range(0, len(raw), max(1, len(raw) // 60)):
        read_or_refused(raw[:end])


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_flipped_bits_are_read_or_refused(path):
    """A sign that became another one."""
    raw = path.read_bytes()
    for at in range(0, len(raw), max(1, len(raw) // 60)):
        read_or_refused(raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.sampled_from(["", *readers.FORMS]),
)
def test_any_text_is_read_or_refused(text, form):
    """In any format, asked for or recognised."""
    read_or_refused(text.encode(), form)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw):
    """A picture, a program."""
    read_or_refused(raw)
