"""Where data and model come from: the order, the reasons, and how soon the Hub is given up."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.needs import posix
from support.tiny_model import write_messages

from pipeline.config import Config, DataSettings, ExperimentSettings, ModelSettings, PackageModel
from pipeline.config import TalkInfo as Info
from pipeline.experiment import hub, sources
from pipeline.experiment.model import package
from pipeline.experiment.model.package import sha256_of
from pipeline.problems import TalkError

OFFLINE = hub.Reach(False, "the Hub can't be reached")
ONLINE = hub.Reach(True)


def experiment(**data: Any) -> ExperimentSettings:
    return ExperimentSettings(data=DataSettings("spam", "ham", sample="sample.tsv", **data))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("TALK_DATA", raising=False)
    write_messages(tmp_path / "sample.tsv", 60)
    return Config(tmp_path, Info("t", "s"))


def data_of(
    config: Config, settings: ExperimentSettings, data: str | None, reach: hub.Reach
) -> tuple[sources.DataFound, list[str]]:
    said: list[str] = []
    return sources.find_data(config, settings, data, reach, said.append), said


# --- Data ---------------------------------------------------------------------------------------


def test_a_named_file_comes_first(config: Config) -> None:
    file = write_messages(config.root / "mine.tsv", 80)
    found, said = data_of(config, experiment(hub="x/y"), str(file), ONLINE)
    assert (found.source, found.name, found.why) == ("file", "mine.tsv", "--data names it")
    assert said == ["data: mine.tsv, 80 messages (--data names it)"]


def test_the_environment_names_a_file(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data is stronger."""
    file = write_messages(config.root / "mine.tsv", 80)
    monkeypatch.setenv("TALK_DATA", str(file))
    found, _ = data_of(config, experiment(), None, OFFLINE)
    assert (found.source, found.why) == ("file", "TALK_DATA names it")
    other = write_messages(config.root / "other.tsv", 90)
    found, _ = data_of(config, experiment(), str(other), OFFLINE)
    assert found.name == "other.tsv"


def test_a_file_is_known_by_its_hash(config: Config) -> None:
    """The collection keeps its name, licence and citation wherever it lies."""
    file = write_messages(config.root / "mine.tsv", 80)
    known = {"sha256": sha256_of(file), "name": "The Collection", "licence": "CC0"}
    found, _ = data_of(config, experiment(**known), str(file), OFFLINE)
    assert (found.name, found.licence) == ("The Collection", "CC0")
    file.write_text(file.read_text() + "ham\tone more\n")
    found, _ = data_of(config, experiment(**known), str(file), OFFLINE)
    assert (found.name, found.licence) == ("mine.tsv", "")


def test_a_named_file_that_is_wrong_is_no_reason_to_take_another(config: Config) -> None:
    with pytest.raises(TalkError, match="the data file is missing"):
        data_of(config, experiment(), str(config.root / "nothing.tsv"), ONLINE)


def test_the_hub_comes_second(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("spam" if n % 3 == 0 else "ham", f"message {'x' * n}\n") for n in range(60)]
    monkeypatch.setattr(hub, "fetch_rows", lambda *_: rows)
    found, said = data_of(config, experiment(hub="x/y", name="The Set"), None, ONLINE)
    assert (found.source, found.name) == ("hub", "The Set")
    assert found.raw.rows[1] == (False, "message x")
    assert said == ["data: The Set, 60 messages (no file was named; the Hub has it)"]


def test_the_sample_comes_last_and_the_reason_is_said(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise hub.NotThereError("the Hub can't be reached, and no copy is kept here")

    monkeypatch.setattr(hub, "fetch_rows", refuse)
    found, said = data_of(config, experiment(hub="x/y"), None, OFFLINE)
    assert found.source == "sample"
    assert found.why == ("no file was named; the Hub can't be reached, and no copy is kept here")
    assert said == [
        "data: no file was named, and x/y can't be had: "
        "the Hub can't be reached, and no copy is kept here",
        "data: the embedded sample, 60 messages",
    ]


def test_a_set_with_another_label_is_not_used(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "fetch_rows", lambda *_: [("junk", "text")])
    found, said = data_of(config, experiment(hub="x/y"), None, ONLINE)
    assert found.source == "sample"
    assert "x/y has the unknown label `junk`" in said[0]


def test_without_a_sample_there_is_no_data(config: Config) -> None:
    (config.root / "sample.tsv").unlink()
    with pytest.raises(TalkError) as caught:
        data_of(config, experiment(), None, OFFLINE)
    assert caught.value.message == (
        "there is no data: this talk names no data set on the Hub, and the talk has no sample"
    )
    assert caught.value.hint == "name a file with --data or TALK_DATA"


# --- The Hub ------------------------------------------------------------------------------------


@pytest.fixture
def silent_server() -> Iterator[str]:
    """It takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_hub_that_does_not_answer_is_given_up(
    silent_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a limit of its own the build would stand here for ever."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", silent_server)
    reach = hub.probe(limit_s=0.1)
    assert not reach.online
    assert reach.reason in ("the Hub can't be reached", "the Hub does not answer")


def test_a_hub_that_refuses_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert hub.probe() == hub.Reach(False, "the Hub can't be reached")


def test_an_address_that_is_none_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    assert hub.probe() == hub.Reach(False, "the Hub can't be reached")


def test_offline_by_wish_asks_nobody(silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", silent_server)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert hub.probe() == hub.Reach(False, "HF_HUB_OFFLINE is set")


def test_a_kept_copy_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, the libraries look at their own cache: found there, it is used."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(hub.NotThereError) as caught:
        hub.fetch_model("some/model", OFFLINE)
    assert str(caught.value) == "the Hub can't be reached, and no copy is kept here"
    kept = tmp_path / "models--some--model"
    snapshot = kept / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("a" * 40)
    (snapshot / "config.json").write_text("{}")
    assert hub.fetch_model("some/model", OFFLINE) == snapshot


def test_a_data_set_that_can_not_be_had_says_so() -> None:
    with pytest.raises(hub.NotThereError) as caught:
        hub.fetch_rows("no-such-person/no-such-set", "text", "label", OFFLINE)
    assert str(caught.value) == "the Hub can't be reached, and no copy is kept here"


# --- Model --------------------------------------------------------------------------------------


def model_folder(folder: Path, *, weights: bytes | None, settings: str = "{}") -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(settings)
    (folder / "tokenizer.json").write_text("{}")
    if weights is not None:
        (folder / "model.safetensors").write_bytes(weights)
    return folder


def whole_weights() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(8)


def find(model: str | None, cache: Path, settings: ModelSettings | None = None) -> Any:
    return sources.find_model(
        settings or ModelSettings(), model, cache, OFFLINE, sha256_of, lambda _: None
    )


def test_a_model_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine", weights=whole_weights())
    found = find(str(folder), tmp_path)
    assert (found.source, found.name, found.why) == ("path", "mine", "--model names it")
    assert found.sha256 == sha256_of(folder / "model.safetensors")


def test_a_model_folder_without_weights_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine", weights=None)
    with pytest.raises(TalkError) as caught:
        find(str(folder), tmp_path)
    assert str(caught.value).endswith("mine: the model folder has no weights")
    assert caught.value.hint == "it needs model.safetensors or pytorch_model.bin beside config.json"


@pytest.mark.parametrize("cut", [0, 4, 20, -1])
def test_half_written_weights_are_refused(tmp_path: Path, cut: int) -> None:
    folder = model_folder(tmp_path / "mine", weights=whole_weights()[:cut])
    with pytest.raises(TalkError) as caught:
        find(str(folder), tmp_path)
    assert str(caught.value).endswith("model.safetensors: the weights are broken")
    assert caught.value.hint == "copy the model folder again"


def test_a_model_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TalkError, match="there is no such model folder"):
        find(str(tmp_path / "nothing"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TalkError, match=r"the model folder has no config\.json"):
        find(str(tmp_path / "empty"), tmp_path)
    folder = model_folder(tmp_path / "half", weights=whole_weights(), settings="{")
    with pytest.raises(TalkError, match="not valid JSON"):
        find(str(folder), tmp_path)


def test_a_model_folder_needs_a_tokenizer(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine", weights=whole_weights())
    (folder / "tokenizer.json").unlink()
    with pytest.raises(TalkError, match="the model folder has no tokenizer"):
        find(str(folder), tmp_path)


def test_a_model_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    """What transformers says of it is passed on in one line."""
    from pipeline.experiment.machine import Device
    from pipeline.experiment.model.pretrained import load_language_model

    folder = model_folder(tmp_path / "mine", weights=whole_weights(), settings='{"a": 1}')
    with pytest.raises(TalkError) as caught:
        load_language_model(folder, Device("cpu", "fp32", 1))
    assert caught.value.message.startswith("the model can't be loaded: ")
    assert "\n" not in caught.value.message


def test_a_copy_kept_in_part_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that was cut off leaves a folder without weights: the next source is tried."""
    folder = model_folder(tmp_path / "snapshot", weights=None)
    monkeypatch.setattr(hub, "fetch_model", lambda *_: folder)
    monkeypatch.setattr(package, "package_model", lambda *_: tmp_path)
    said: list[str] = []
    found = sources.find_model(
        ModelSettings(hub="some/model", package=PACKAGE),
        None,
        tmp_path,
        OFFLINE,
        sha256_of,
        said.append,
    )
    assert found.source == "package"
    assert found.why == "no folder was named; the model folder has no weights"
    assert said[0] == "model: some/model can't be had: the model folder has no weights"


PACKAGE = PackageModel("no-such-package-here", "0.0.1", "a/b.gguf", "0" * 64, "Tiny", "MIT")


def test_no_model_at_all_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says why each source failed, and what to do."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said: list[str] = []
    with pytest.raises(TalkError) as caught:
        sources.find_model(
            ModelSettings(hub="some/model", package=PACKAGE),
            None,
            tmp_path,
            OFFLINE,
            sha256_of,
            said.append,
        )
    assert caught.value.message == (
        "no pre-trained model can be had: the Hub can't be reached, and no copy is kept here; "
        "pip can't get no-such-package-here==0.0.1"
    )
    assert caught.value.hint == "name a model folder with --model, or run this once with a network"
    assert said == [
        "model: some/model can't be had: the Hub can't be reached, and no copy is kept here",
        "model: getting Tiny from the package no-such-package-here, once",
    ]


@posix
def test_a_python_without_pip_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\necho '{sys.executable}: No module named pip' >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(package.sys, "executable", str(script))
    with pytest.raises(hub.NotThereError, match="there is no pip in this Python to get it with"):
        package.package_model(PACKAGE, tmp_path / "cache")


def wheel_of(folder: Path, content: bytes) -> None:
    import zipfile

    with zipfile.ZipFile(folder / "a-1-py3-none-any.whl", "w") as archive:
        archive.writestr("a/b.gguf", content)


def test_a_package_with_another_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(_: PackageModel, folder: Path) -> Path:
        wheel_of(folder, b"another")
        return next(folder.glob("*.whl"))

    monkeypatch.setattr(package, "_download", download)
    with pytest.raises(TalkError) as caught:
        package.package_model(PACKAGE, tmp_path)
    assert "holds another model: sha256" in caught.value.message
    assert list(tmp_path.glob("wheel-*")) == []


def test_a_broken_gguf_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(TalkError) as caught:
        find(str(file), tmp_path / "cache")
    assert str(caught.value.where).endswith("broken.gguf")
    assert caught.value.message.startswith("the model can't be read")
    assert not list((tmp_path / "cache").rglob("config.json"))
