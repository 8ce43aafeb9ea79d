"""What nobody would write: read, or refused in one message; never a traceback, never for long."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from support.fuzz.bounded import fault_of
from support.fuzz.mutate import all_changed, drawn
from support.fuzz.readers import READERS

from pipeline.experiment.data.read import read_content
from pipeline.measured import NOTHING
from pipeline.numbers.fill import Numbers
from pipeline.pictures.diagrams.graph import read_graph
from pipeline.problems import TalkError

INPUTS = 12  # of each reader; `python -m benchmarks.fuzz` has more
SLOW = ("drawn", "powerpoint")  # they take a second for a few inputs


@pytest.mark.parametrize("name", [name for name in READERS if name not in SLOW])
def test_changed_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    """Each reader gives a value or a TalkError with a line of its file, for whatever it gets."""
    reader = READERS[name]
    seeds, read, words = reader.seeds(), reader.open(tmp_path), reader.all_words
    source = random.Random(name)
    for _ in range(INPUTS):
        file, raw = source.choice(seeds)
        raw = all_changed(raw[:5000], drawn(source), words, [raw for _, raw in seeds])[:20_000]
        path = tmp_path / (reader.place or f"in/{file}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        fault = fault_of(read, path, seconds=30)
        assert fault is None, (fault, raw)


def test_a_broken_zip_is_one_message(tmp_path: Path) -> None:
    """Its parts lead before its start, or a name in it is empty."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("messages.tsv", "ham\thello\n")
    whole, path = made.getvalue(), tmp_path / "messages.zip"
    nameless = whole.replace(b"messages.tsv", b"\0essages.tsv")
    for raw in (whole[:4] + whole[whole.index(b"PK\x01\x02") :], nameless):
        path.write_bytes(raw)
        with pytest.raises(TalkError, match="zip"):
            read_content(path)


def test_a_control_character_in_a_diagram_is_named_by_its_line(tmp_path: Path) -> None:
    """Graphviz would hand it on, in JSON that is none."""
    path = tmp_path / "flow.dot"
    path.write_text('digraph {\n  a [label="\x1b"]\n}\n', "utf-8")
    with pytest.raises(TalkError, match=r"flow\.dot:2: a control character"):
        read_graph(path, Numbers(NOTHING), [])
