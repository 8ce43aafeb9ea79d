"""What talk.toml says of values by their places."""

import shutil
from pathlib import Path

import pytest
from support.measuring import Bench

from pipeline.config import load_config
from pipeline.measure.readers import annotate
from pipeline.measured import Value
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast
RUN = Path(__file__).parent.parent / "fixtures" / "measure" / "mlruns" / "0" / "3f1c"
VALUES = {
    "insert": {"ns": Value(41.2, unit="ns"), "score": Value(93.3)},
    "std::map": {"ns": Value(214.5, unit="ns")},
    "loss": (Value(0.9), Value(0.5)),
    "t": Value(12.5, 12.2, 12.8, unit="ms", how="± as it was printed"),
    "cpu": "x",
}


def said(folder, *lines, values=VALUES):
    settings = (
        '[talk]\ntitle = "T"\nspeaker = "S"\nlanguage = "en"\n[measure.hash]\nfile = "hash.json"\n'
    )
    tables = "".join(
        f"[measure.hash.values.{place}]\n{known}\n"
        for place, known in zip(*[iter(lines)] * 2, strict=True)
    )
    (folder / "talk.toml").write_text(settings + tables, "utf-8")
    return annotate(values, "hash", load_config(folder))


def test_a_glob_says_it_of_all_that_it_fits(tmp_path):
    """`*.ns` is `insert.ns` and `["std::map"].ns`; the rest stays as it is."""
    made = said(tmp_path, '"*.ns"', 'direction = "down"')
    assert made["insert"]["ns"].direction == made["std::map"]["ns"].direction == "down"
    assert made["insert"]["score"] == VALUES["insert"]["score"]
    assert made["cpu"] == "x"


@pytest.mark.parametrize("place", ["'[\"std::map\"].ns'", '"std::map.ns"', '"std*ns"'])
def test_a_place_is_written_as_in_content_or_with_points(tmp_path, place):
    """Whichever is easier to type."""
    assert said(tmp_path, place, 'how = "h"')["std::map"]["ns"].how == "h"


def test_a_series_means_each_of_its_numbers(tmp_path):
    """Its place without an index."""
    assert [one.unit for one in said(tmp_path, '"loss"', 'unit = "nats"')["loss"]] == ["nats"] * 2


def test_a_percentage_becomes_a_share(tmp_path):
    """The file said 93.3, and not of what."""
    assert said(tmp_path, '"insert.score"', 'unit = "%"')["insert"]["score"] == Value(
        0.933, unit="share"
    )


def test_a_level_replaces_the_one_that_was_assumed(tmp_path):
    """Of an interval that was printed as ±."""
    found = said(tmp_path, '"t"', "level = 0.68")["t"]
    assert (found.level, found.how) == (0.68, "")


def test_a_unit_that_was_read_from_the_name_can_be_corrected(tmp_path):
    """The name said it, no one else."""
    assert said(tmp_path, '"insert.ns"', 'unit = "µs"')["insert"]["ns"].unit == "µs"


def test_a_place_of_no_number_is_an_error_with_the_nearest_one(tmp_path):
    """On the line of its table."""
    with pytest.raises(TalkError) as error:
        said(tmp_path, '"insert.nz"', 'unit = "ns"')
    assert "`insert.nz` is the place of no number" in error.value.message
    assert "insert.ns" in error.value.hint
    assert error.value.where.line == 7


def test_a_unit_that_contradicts_the_file_is_an_error(tmp_path):
    """The file's own word stands."""
    with pytest.raises(TalkError) as error:
        said(tmp_path, '"t"', 'unit = "s"')
    assert "`t` is in ms, not in s" in error.value.message
    assert error.value.where.line == 8


def test_what_is_known_of_values_reaches_the_pages(tmp_path):
    """It is added to what was measured, and nothing is run again for it."""
    bench = Bench(tmp_path)
    bench.script("print('insert: 41 ns')\n")
    bench.table('command = "PYTHON bench.py"')
    bench.measure()
    bench.table('command = "PYTHON bench.py"\n[measure.hash.values.insert]\ndirection = "down"')
    assert bench.shown().measurements["hash"].values["insert"].direction == "down"
    assert (bench.runs, bench.shown().changed) == (1, {})


def test_a_folder_of_mlflow_is_read_as_a_file_is(tmp_path):
    """`file = "mlruns/0/3f1c"`; each of its files decides whether it changed."""
    shutil.copytree(RUN, tmp_path / "run")
    bench = Bench(tmp_path)
    bench.table('file = "run"')
    found = bench.shown().measurements["hash"]
    assert (found.values["loss"].value, found.run.form) == (0.25, "mlflow")
    assert found.run.made == "2025-11-20T09:30:00Z"
