"""Reading what tools write: recognised by content, times with their intervals, nothing private."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.measure import readers
from pipeline.measured import Value, numbers_in
from pipeline.problems import TalkError

pytestmark = pytest.mark.fast
FILES = Path(__file__).parent.parent / "fixtures" / "measure"
RUN = FILES / "mlruns" / "0" / "3f1c"
FORMS = {
    "pytest-benchmark.json": "pytest-benchmark",
    "hyperfine.json": "hyperfine",
    "hyperfine.csv": "hyperfine",
    "google-benchmark.json": "google-benchmark",
    "google-benchmark.csv": "google-benchmark",
    "mlflow.json": "mlflow",
    "mlflow.csv": "mlflow",
    "mlruns/0/3f1c": "mlflow",
    "wandb-summary.json": "wandb",
    "wandb-history.jsonl": "wandb",
    "wandb-chart.csv": "wandb",
    "wandb-runs.csv": "wandb",
}


def read(name, form=""):
    return readers.read(readers.content(FILES / name), FILES / name, form)


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_each_format_is_recognised_by_its_content(name, form, tmp_path):
    """The file's name says nothing: `results.txt` is read, too."""
    assert read(name)[3] == form
    raw = readers.content(FILES / name)
    assert readers.read(raw, tmp_path / "results.txt")[3] == form
    assert readers.read(raw, tmp_path / "results.txt", form)[0] == read(name)[0]


@pytest.mark.parametrize("name", FORMS)
def test_no_name_of_a_host_or_a_user_and_no_path_is_taken(name):
    """What a page could show of a run holds none of them."""
    shown = repr(read(name))
    assert "nobody" not in shown
    assert "/home" not in shown


@pytest.mark.parametrize("name", FORMS)
def test_each_number_is_finite_and_its_interval_covers_it(name):
    """Whatever the tool: low <= value <= high."""
    for at, value in numbers_in(read(name)[0]):
        if value.low is not None:
            assert value.low <= value.value <= value.high, at


def test_pytest_benchmark():
    """Times are seconds, less is better; the median has the interval of its rounds."""
    values, made, machine, _ = read("pytest-benchmark.json")
    insert = values["test_insert[dict]"]
    assert (insert["median"].unit, insert["median"].direction) == ("s", "down")
    assert insert["median"].n == len(insert["data"]) == 7
    assert insert["ops"].direction == "up"
    assert insert["params"] == {"kind": "dict"}
    assert values["test_sort"]["mean"].low < values["test_sort"]["mean"].value
    assert values["test_sort"]["extra_info"]["keys"] == Value(1000)
    assert made == "2026-11-20T09:30:00Z"
    assert machine == "AMD EPYC 7763 64-Core Processor, 8 cores, CPython 3.11.7"


def test_hyperfine():
    """By the commands; memory is there where it was measured; parameters are numbers."""
    values = read("hyperfine.json")[0]
    assert values["rg needle"]["median"].low == 0.0581
    assert values["rg needle"]["times"][1] == Value(0.0581, unit="s", direction="down")
    assert values["rg needle"]["memory"].unit == "bytes"
    assert values["sleep {s}"]["parameters"]["s"] == Value(1)
    assert values["sleep {s}"]["stddev"] is None


def test_a_parameter_of_hyperfine_may_be_any_text():
    """`1,0` can be read in two ways as a number: as a parameter it is what was typed."""
    text = changed("hyperfine.json", '"s": "1"', '"s": "1,0"').encode()
    values = readers.read(text, FILES / "hyperfine.json", "")[0]
    assert values["sleep {s}"]["parameters"] == {"s": "1,0"}


def test_hyperfines_csv_numbers_commands_that_differ_in_a_parameter_alone():
    """The command of a scan stands there once for each value."""
    values = read("hyperfine.csv")[0]
    assert list(values) == ["sort -n #1", "sort -n #2"]
    assert values["sort -n #2"]["parameters"]["threads"] == Value(4)


def test_google_benchmark():
    """Repetitions become a median with its interval; aggregates stay under their names."""
    values, made, machine, _ = read("google-benchmark.json")
    insert = values["BM_insert/std::map/1024"]
    assert insert["real_time"].value == 214.125
    assert (insert["real_time"].low, insert["real_time"].high) == (210.25, 230.5)
    assert insert["cv"]["real_time"] == Value(0.0332, unit="share", direction="down")
    assert insert["items_per_second"].unit == "items/s"
    assert values["BM_scan"]["real_time"].value == 87.25  # aggregates alone: their median
    assert values["BM_sort"]["BigO"]["real_coefficient"].unit == "ns"
    assert values["BM_broken"] == {"name": "BM_broken", "skipped": "no data"}
    assert (made, machine) == ("2026-11-20T09:30:00Z", "8 cores, 3200 MHz")


def test_google_benchmarks_csv():
    """Above its header stands the machine; each row has its own unit; aggregates are rows."""
    values, made, machine, _ = read("google-benchmark.csv")
    assert (made, machine) == ("2026-11-20T09:30:00Z", "8 cores, 3200 MHz")
    assert values.pop("BM_bad")["skipped"] == "no data"
    assert values["BM_find/64"]["real_time"] == Value(3.5, unit="µs", direction="down")
    assert (values["BM_add"]["real_time"].value, values["BM_add"]["real_time"].n) == (11.0, 2)
    assert values["BM_add"]["stddev"]["real_time"].value == 0.7
    assert list(values) == ["BM_find/8", "BM_find/64", "BM_add"]


def test_an_mlflow_run():
    """The last value of each metric, its history by step, its parameters, when it began."""
    values, made, _, _ = read("mlruns/0/3f1c")
    assert values["loss"] == Value(0.25)
    assert [one.value for one in values["history"]["loss"]] == [0.9, 0.5, 0.25]
    assert values["val/f1"] == Value(0.91)
    assert values["params"] == {"lr": Value(0.001), "model": "small"}
    assert made == "2025-11-20T09:30:00Z"


@pytest.mark.parametrize("name", ["mlflow.json", "mlflow.csv"])
def test_mlflow_runs_are_a_table_by_their_names(name):
    """From the API, from search_runs().to_csv and from the command line."""
    values = read(name)[0]
    assert list(values) == ["gentle-crow-7", "bold-hare-2"]
    assert values["bold-hare-2"]["f1"] == Value(0.93)
    assert values["bold-hare-2"]["params"]["lr"] == Value(0.01)


def test_weights_and_biases():
    """A summary, a history, a chart's data without the same value three times, a table of runs."""
    values, made, _, _ = read("wandb-summary.json")
    assert values["train/loss"] == Value(0.25)
    assert values["runtime"] == Value(61.5, unit="s")
    assert list(values["weights"]) == ["bins", "values"]
    assert "table" not in values
    assert made == "2025-11-20T09:31:01Z"
    assert [row["loss"].value for row in read("wandb-history.jsonl")[0]["rows"]] == [0.9, 0.5, 0.25]
    assert list(read("wandb-chart.csv")[0]["rows"][0]) == ["Step", "calm-sun-1 - loss"]
    assert list(read("wandb-runs.csv")[0]["dry-moon-2"]) == ["Name", "Runtime", "f1", "lr"]


def changed(name, old, new):
    return (FILES / name).read_text("utf-8").replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        (changed("hyperfine.json", '"rg needle"', '"grep -r needle"'), "", "is a second"),
        (changed("hyperfine.json", "0.4213", "NaN"), "", "`results[0].mean` is NaN"),
        (changed("pytest-benchmark.json", '"stats"', '"other"'), "", "has no `stats`"),
        ('{"benchmarks": [], "machine_info": {}}', "", "holds no benchmark"),
        ('{"benchmarks": [{"a": 1}], "context": {}}', "", "no benchmark with a name"),
        ('{"a": 1}', "hyperfine", "not one that hyperfine writes"),
        ("a,b\n1,2\n", "google-benchmark", "not one that google-benchmark writes"),
        (changed("hyperfine.json", "x", "x"), "pytest-benchmark", "it looks like hyperfine"),
        ('{"a": 1}', "yaml", "unknown format `yaml`"),
        ('{"_step": 1, "_timestamp": 1, "loss": "NaN"}', "", "`loss` is NaN"),
        ("hello", "mlflow", "a header and no row"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_one_error(text, form, message):
    """The message says what was expected, or seen."""
    with pytest.raises(TalkError) as error:
        readers.read(text.encode(), Path("file"), form)
    assert message in error.value.message


def test_a_broken_metric_of_a_run_is_named_with_its_file_and_line(tmp_path):
    """The line of the metric's own file."""
    shutil.copytree(RUN, tmp_path / "run")
    metric = tmp_path / "run" / "metrics" / "loss"
    metric.write_text("1763631001000 0.9 1\n1763631002000 nan 2\n")
    with pytest.raises(TalkError) as error:
        readers.read(readers.content(tmp_path / "run"), tmp_path / "run")
    assert (error.value.where.path, error.value.where.line) == (metric, 2)
    metric.write_text("17636")
    with pytest.raises(TalkError, match="no line of time, value and step"):
        readers.read(readers.content(tmp_path / "run"), tmp_path / "run")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    """With what a run's folder looks like."""
    with pytest.raises(TalkError, match="no MLflow run"):
        readers.content(tmp_path)


@pytest.mark.parametrize(
    "name", ["pytest-benchmark.json", "hyperfine.json", "google-benchmark.json"]
)
def test_times_of_two_benchmarks_are_no_pairs(name):
    """A tool times one after the other: only what ran side by side is compared pairwise."""
    assert not any(value.repeats for _, value in numbers_in(read(name)[0]))


def test_many_rounds_are_summed_up():
    """Their interval is exact however many there are; of a coarse clock's times there is none."""
    one = json.loads((FILES / "pytest-benchmark.json").read_text("utf-8"))
    one["benchmarks"][0]["stats"]["data"] = [1e-6 * (1 + i % 750 / 100) for i in range(3000)]
    one["benchmarks"][0]["stats"]["median"] = 4.745e-6
    median = readers.read(json.dumps(one).encode(), Path("a"))[0]["test_insert[dict]"]["median"]
    assert median.n == 3000
    assert "data" not in readers.read(json.dumps(one).encode(), Path("a"))[0]["test_insert[dict]"]
    assert 3e-6 < median.low < median.high < 6e-6
    one["benchmarks"][0]["stats"]["data"] = [1e-6 * (1 + i % 7) for i in range(3000)]
    one["benchmarks"][0]["stats"]["median"] = 4e-6
    coarse = readers.read(json.dumps(one).encode(), Path("a"))[0]["test_insert[dict]"]["median"]
    assert (coarse.n, coarse.low) == (3000, None)
    assert "too coarse" in coarse.how
