"""The Hub's libraries against a stand-in: what is fetched, kept and said when it goes wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from support.hub import Asked, Fault, Repo, model_repo, rows_repo, serving
from support.made_up import made_up_results
from support.needs import ROOT, file_of
from support.tiny_model import make_tokenizer, write_messages

from pipeline.config import PACKAGED, load_config
from pipeline.experiment import hub
from pipeline.experiment.plan import Options
from pipeline.experiment.sources import check_folder
from pipeline.results import Results, read_results

pytestmark = pytest.mark.slow

TOKEN = "hf_aTokenThatNobodyIsToSee"
FETCH = """
import json, sys
from pipeline.experiment import hub

reach = hub.probe(60)
for kind, name in json.loads(sys.argv[1]):
    said, found, why = [], None, ""
    try:
        if kind == "models":
            found = str(hub.fetch_model(name, reach, said.append))
        else:
            found = hub.fetch_rows(name, "sms", "label", reach)
    except hub.NotThereError as error:
        why = str(error)
    print(json.dumps({"name": name, "found": found, "why": why, "said": said}), flush=True)
"""


def weights(seed: int) -> bytes:
    """A whole safetensors file of random bytes; the one that is cut is more than a piece long."""
    size = 12_000_000 if MODELS[seed] == "a/cut" else 400_000
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return len(header).to_bytes(8, "little") + header + random.Random(seed).randbytes(size)


def model_files(seed: int) -> dict[str, bytes]:
    return {
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        "vocab.json": b"{}",
        "model.safetensors": weights(seed),
    }


ROWS = [(int(n % 3 == 0), f"message {n} of them\n") for n in range(30)]
MODELS = ("a/whole", "a/cut", "a/soon", "a/gated", "a/none", "a/busy", "a/down", "a/portal")
SETS = ("d/sms", "d/none", "d/gated", "d/broken", "d/bare", "d/other", "d/empty")


def repos() -> list[Repo]:
    models = [
        model_repo(name, model_files(seed), gated=name == "a/gated")
        for seed, name in enumerate(MODELS)
        if name != "a/none"
    ]
    good = rows_repo("d/sms", ROWS, ["ham", "spam"])
    path = "plain_text/train-00000-of-00001.parquet"
    return [
        *models,
        good,
        rows_repo("d/gated", ROWS, ["ham", "spam"], gated=True),
        dataclasses.replace(
            good, name="d/broken", files={**good.files, path: good.files[path][:-40]}
        ),
        rows_repo("d/bare", [*ROWS, (-1, "nobody knows\n")], ["ham", "spam"]),
        dataclasses.replace(
            good, name="d/other", files={"README.md": b"", "test.parquet": good.files[path]}
        ),
        rows_repo("d/empty", [*ROWS, (0, None)], ["ham", "spam"]),
    ]


def faults() -> list[Fault]:
    def at(name: str) -> str:
        return hashlib.sha256(weights(MODELS.index(name))).hexdigest()

    return [
        Fault(at("a/cut"), cut=11_000_000, method="GET", times=1),
        Fault(at("a/soon"), 429, {"Retry-After": "0"}, method="GET", times=1),
        Fault("/models/a/busy", 429, {"Retry-After": "3600"}),
        Fault("/models/a/down", 503),
        Fault("/models/a/portal", body=b"<html>Welcome to this hotel</html>"),
    ]


def ask(url: str, home: Path, code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """What a process says that knows the stand-in by its environment alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "TALK_DATA"):
            patch.delenv(name, raising=False)
        patch.setenv("HF_ENDPOINT", url)
        patch.setenv("HF_HOME", str(home))
        patch.setenv("HF_TOKEN", TOKEN)
        # A busy machine is no slow Hub.
        patch.setenv("HF_HUB_ETAG_TIMEOUT", "60")
        patch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "60")
        patch.setenv("PYTHONPATH", str(ROOT))
        return subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, text=True, env=os.environ
        )


def fetch(url: str, home: Path, wanted: list[tuple[str, str]]) -> tuple[dict[str, Any], str]:
    done = ask(url, home, FETCH, json.dumps(wanted))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["name"]: one for one in answers}, done.stdout + done.stderr


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One process asks for all; the next finds no Hub, and a copy that lacks its weights."""
    home = tmp_path_factory.mktemp("hub")
    with serving(repos(), faults()) as stand_in:
        wanted = [*(("models", name) for name in MODELS), *(("datasets", name) for name in SETS)]
        online, said = fetch(stand_in.url, home, wanted)
    (Path(online["a/soon"]["found"]) / "model.safetensors").unlink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        offline, more = fetch(
            nobody,
            home,
            [("models", n) for n in ("a/whole", "a/soon", "a/none")]
            + [("datasets", n) for n in ("d/sms", "d/none")],
        )
    return online, offline, stand_in.asked, said + more


def test_a_model_is_fetched_once_and_only_what_is_needed(fetched: Any) -> None:
    """Not the weights in other formats, which the Hub keeps beside them; a download is said."""
    online, _, asked, _ = fetched
    folder = Path(online["a/whole"]["found"])
    assert {path.name for path in folder.rglob("*")} == set(model_files(0))
    assert check_folder(folder) == [folder / "model.safetensors"]
    assert (folder / "model.safetensors").read_bytes() == weights(0)
    assert online["a/whole"]["said"] == ["model: getting a/whole from the Hub, once"]
    assert not [one for one in asked if "pytorch_model.bin" in one.path]


def test_a_download_that_breaks_off_goes_on_where_it_was(fetched: Any) -> None:
    online, _, asked, _ = fetched
    folder = Path(online["a/cut"]["found"])
    assert (folder / "model.safetensors").read_bytes() == weights(MODELS.index("a/cut"))
    ranges: list[Asked] = [one for one in asked if "range" in one.headers]
    assert [one.headers["range"] for one in ranges] == [f"bytes={10 * 2**20}-"]


def test_a_short_wait_is_waited(fetched: Any) -> None:
    """429 with Retry-After: the library comes back as it is asked to."""
    assert fetched[0]["a/soon"]["found"]


def test_how_much_is_left_of_a_download_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the bytes that are written, of all files together; the library's other bars are still."""
    said = list[str]()
    told: Any = hub._told("a/b", said.append)
    written, received = told(desc="Reconstructing (…)", total=0), told(desc="Downloading bytes")
    written.total = 4_000_000
    for bar in (received, written):
        bar.update(1_000_000)
    monkeypatch.setattr(hub, "TOLD_EVERY_S", 0)
    written.update(1_000_000)
    assert said[0] == "model: getting a/b from the Hub, once"
    assert said[1].startswith("model: 2 of 4 MB, about ")
    assert len(said) == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a/none", "the Hub has none of this name, or not for everyone"),
        ("a/busy", "the Hub asks to come back in 60 min"),
        ("a/down", "the Hub answers 503"),
        ("a/portal", "what answers is no Hub"),
        ("d/none", "the Hub has none of this name, or not for everyone"),
        ("d/broken", "its files can't be read"),
        ("d/bare", "d/bare has messages without a label"),
        ("d/other", "it has no split `train`"),
    ],
)
def test_what_is_wrong_is_said_in_a_few_words(fetched: Any, name: str, why: str) -> None:
    """No wait of an hour, no address, no traceback."""
    assert (fetched[0][name]["found"], fetched[0][name]["why"]) == (None, why)


@pytest.mark.parametrize("name", ["a/gated", "d/gated"])
def test_a_gated_one_says_where_its_terms_are_accepted(fetched: Any, name: str) -> None:
    why = fetched[0][name]["why"]
    at = f"datasets/{name}" if name[0] == "d" else name
    assert why.startswith("it is gated: accept its terms at http://127.0.0.1:")
    assert f"/{at}, then name yourself with `hf auth login` or HF_TOKEN" in why


def test_messages_come_with_the_names_of_their_labels(fetched: Any) -> None:
    """Whatever their place; a row without a text is none."""
    expected = [[("ham", "spam")[place], text] for place, text in ROWS]
    assert fetched[0]["d/sms"]["found"] == expected
    assert fetched[0]["d/empty"]["found"] == expected


def test_what_is_kept_needs_no_hub(fetched: Any) -> None:
    """Model and messages, without a word; what is kept in part is not taken for whole."""
    online, offline, _, _ = fetched
    assert offline["a/whole"] == {**online["a/whole"], "said": []}
    assert offline["d/sms"]["found"] == online["d/sms"]["found"]
    gone = "the Hub can't be reached, and"
    assert offline["a/soon"]["why"] == f"{gone} only a part of it is kept here"
    assert offline["a/none"]["why"] == offline["d/none"]["why"] == f"{gone} no copy is kept here"


def test_a_token_is_sent_and_never_shown(fetched: Any) -> None:
    """To the Hub alone; and nobody but the program says anything: no bar, no warning."""
    asked, said = fetched[2], fetched[3]
    told = [one.path for one in asked if TOKEN in one.headers.get("authorization", "")]
    assert any("/resolve/" in path for path in told)
    assert not [path for path in told if path.startswith("/cdn/")]
    assert TOKEN not in said
    assert [line for line in said.splitlines() if not line.startswith('{"name": ')] == []


# --- A build ------------------------------------------------------------------------------------

BUILD = """
import sys
from pathlib import Path
from msgspec.structs import replace
from pipeline.config import QuickSettings, load_config
from pipeline.experiment.plan import Options
from pipeline.experiment.run import run_experiment

talk, folder = load_config(Path(sys.argv[1])), Path(sys.argv[2])
experiment = replace(
    talk.experiment,
    model=replace(talk.experiment.model, package=None),
    quick=QuickSettings(train=40, validation=16, test=16),
)
config = replace(talk, root=folder, experiment=experiment)
options = Options(quick=True, cache=folder / "cache", command="python build.py --quick")
run_experiment(config, options, print)
"""


def shaped_like_the_hubs_model(folder: Path) -> dict[str, bytes]:
    """DistilGPT2's layers and tokenizer, where it is there, in a narrow model of random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    settings: dict[str, Any] = {"n_layer": 6, "bos_token_id": 0, "eos_token_id": 0}
    folder.mkdir()
    if os.environ.get("DISTILGPT2_SHAPE"):
        shape = file_of("DISTILGPT2_SHAPE", "a folder of DistilGPT2 without its weights")
        settings = json.loads((shape / "config.json").read_text())
        for file in shape.glob("*.json"):
            shutil.copy(file, folder)
    else:
        settings["vocab_size"] = make_tokenizer(folder)
    GPT2LMHeadModel(GPT2Config(**{**settings, "n_embd": 24, "n_head": 2})).save_pretrained(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_quick_build_goes_by_the_hub(tmp_path: Path) -> None:
    """This talk's own settings: data and model by their names, and how they were come by is said.

    The next build asks nobody.
    """
    lines = write_messages(tmp_path / "messages.tsv", 150).read_text().splitlines()
    rows = [(int(line.startswith("spam")), line.partition("\t")[2] + "\n") for line in lines]
    files = shaped_like_the_hubs_model(tmp_path / "model")
    data = rows_repo("ucirvine/sms_spam", rows, ["ham", "spam"])
    with serving([data, model_repo("distilbert/distilgpt2", files)]) as stand_in:
        first = ask(stand_in.url, tmp_path / "hf", BUILD, str(ROOT), str(tmp_path))
        assert first.returncode == 0, first.stderr
        asked = len(stand_in.asked)
        second = ask(stand_in.url, tmp_path / "hf", BUILD, str(ROOT), str(tmp_path))
        assert len(stand_in.asked) == asked
    (path,) = tmp_path.glob("cache/runs/*/results.json")
    results = read_results(path)
    assert second.stdout == f"experiment: run {results.run.id} fits\n"
    said = first.stdout.splitlines()
    assert "model: getting distilbert/distilgpt2 from the Hub, once" in said
    assert "model: distilbert/distilgpt2 (no folder was named; the Hub has it)" in said
    by_shape = "the settings for distilbert/distilgpt2 go by its shape and were tried on no data"
    assert f"training: {by_shape}" in said
    _check_hub_run(results, rows)


def _check_hub_run(results: Results, rows: list[tuple[int, str]]) -> None:
    assert (results.data.source, results.model.source) == ("hub", "hub")
    assert results.data.labels == ("ham", "spam")
    assert results.data.why.endswith("the Hub has it, though not as talk.toml knows it")
    assert results.model.licence == "Apache-2.0"
    assert (results.model.layers, results.model.used_layers) == (6, 2)
    training = results.training
    assert (training.settings, training.learning_rate) == ("by its shape", 1e-3)
    assert training.pooling == "mean"


def test_a_run_with_the_packaged_model_is_shown_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live demo asks for the model that the run began with, whatever the Hub has by now."""
    from pipeline.experiment.live import model as live

    made = made_up_results()
    asked = list[str | None]()

    def find(_settings: object, named: str | None, *_: object) -> Any:
        asked.append(named)
        return SimpleNamespace(folder=tmp_path, sha256=made.model.sha256)

    monkeypatch.setattr(live.sources, "find_model", find)
    config = load_config(ROOT)
    for source in ("package", "hub"):
        results = replace(made, model=replace(made.model, source=source))
        live.KeptRun(config, results, tmp_path, print, Options())._pretrained()
    assert asked == [PACKAGED, None]
