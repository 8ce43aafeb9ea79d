"""Where data and model come from: the first source that can be had, and why not the ones before."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from pipeline.config import PACKAGED, Config, DataSettings, ExperimentSettings, ModelSettings
from pipeline.experiment import hub
from pipeline.experiment.data.checked import content_sha256, read_raw
from pipeline.experiment.data.messages import Labels, Message, Raw, clean_all, labels_in
from pipeline.experiment.data.read import Form
from pipeline.experiment.model.package import MOST_BYTES, gguf_model, package_model
from pipeline.files import read_bytes
from pipeline.problems import Source, TalkError

Say = Callable[[str], None]
SAMPLE_NAME = "the embedded sample"
_NOT_AS_KNOWN = ", though not as talk.toml knows it"
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
TOKENIZERS = ("tokenizer.json", "vocab.json", "tokenizer.model")


class DataFound(msgspec.Struct, frozen=True):
    """The messages that a run uses, and how they were come by."""

    source: str  # "file", "hub", "talk" (its own file) or "sample" (in place of other data)
    name: str
    why: str
    licence: str
    citation: str
    raw: Raw
    labels: Labels


class ModelFound(msgspec.Struct, frozen=True):
    """The folder of the pre-trained model, and how it was come by."""

    source: str  # "path", "hub", "package"
    name: str
    why: str
    licence: str
    folder: Path
    sha256: str  # of the weights as they came
    instruct: bool = False  # its makers have fine-tuned it to follow instructions


def form_of(settings: DataSettings) -> Form:
    """What a file of messages is to hold."""
    return Form(_named_labels(settings), settings.text, settings.label)


def labels_of(settings: DataSettings, raw: Raw) -> Labels:
    """The labels that the talk names, else those that the data has. Raises TalkError."""
    return Labels(_named_labels(settings) or labels_in(raw), settings.positive)


def _named_labels(settings: DataSettings) -> tuple[str, ...]:
    if settings.positive:
        return settings.negative, settings.positive
    return settings.labels


def wanted_data(data: str | None) -> tuple[Path, str] | None:
    """The file that the option or TALK_DATA names, and which of the two; None: neither."""
    if data:
        return Path(data).expanduser(), "--data names it"
    if named := os.environ.get("TALK_DATA", ""):
        return Path(named).expanduser(), "TALK_DATA names it"
    return None


def sample_path(config: Config, experiment: ExperimentSettings) -> Path | None:
    """The embedded sample, where the talk has one."""
    named = experiment.data.sample
    path = config.root / named
    return path if named and path.is_file() else None


def sample_sha256(config: Config, experiment: ExperimentSettings) -> str:
    """What the sample's messages are known by; empty where there are none."""
    path = sample_path(config, experiment)
    return content_sha256(path, "the sample") if path else ""


def find_data(
    config: Config, experiment: ExperimentSettings, data: str | None, reach: hub.Reach, say: Say
) -> DataFound:
    """--data or TALK_DATA, the Hub, the embedded sample. Raises TalkError if there is none."""
    settings = experiment.data
    form = form_of(settings)
    if wanted := wanted_data(data):
        path, why = wanted
        raw = read_raw(path, form)
        known = bool(settings.sha256) and raw.sha256 == settings.sha256
        found = DataFound(
            source="file",
            name=settings.name if known else path.name,
            why=why,
            licence=settings.licence if known else "",
            citation=settings.citation if known else "",
            raw=raw,
            labels=labels_of(settings, raw),
        )
        say(f"data: {found.name}, {len(raw.rows):,} messages ({why})")
        return found
    refused = "this talk names no data set on the Hub"
    if settings.hub:
        try:
            raw = _hub_rows(settings, reach)
        except hub.NotThereError as error:
            refused = str(error)
        else:
            other = settings.sha256 not in ("", raw.sha256)
            why = f"no file was named; the Hub has it{_NOT_AS_KNOWN if other else ''}"
            name, labels = settings.name or settings.hub, labels_of(settings, raw)
            say(f"data: {name}, {len(raw.rows):,} messages ({why})")
            return DataFound("hub", name, why, settings.licence, settings.citation, raw, labels)
        say(f"data: no file was named, and {settings.hub} can't be had: {refused}")
    sample = sample_path(config, experiment)
    if sample is None:
        raise TalkError(
            f"there is no data: {refused}, and the talk has no sample",
            Source(config.root / settings.sample),
            "name a file with --data or TALK_DATA",
        )
    raw = read_raw(sample, form, "the sample")
    labels = labels_of(settings, raw)
    if is_own(settings, raw.sha256):
        name, why = settings.name or sample.name, f"`sample` of talk.toml: {settings.sample}"
        say(f"data: {name}, {len(raw.rows):,} messages ({why})")
        return DataFound("talk", name, why, settings.licence, settings.citation, raw, labels)
    say(f"data: {SAMPLE_NAME}, {len(raw.rows):,} messages")
    why = f"no file was named; {refused}"
    return DataFound("sample", SAMPLE_NAME, why, "", "", raw, labels)


def second_test_set(
    config: Config, experiment: ExperimentSettings, data: DataFound
) -> tuple[Message, ...]:
    """The embedded sample's messages, where the data is another; else none. Raises TalkError."""
    path = sample_path(config, experiment)
    if path is None or data.source in ("sample", "talk"):
        return ()
    form = replace(form_of(experiment.data), labels=data.labels.names)
    raw = read_raw(path, form, "the sample")
    return () if raw.sha256 == data.raw.sha256 else clean_all(raw, data.labels).different


def is_own(settings: DataSettings, sha256: str) -> bool:
    """Whether the sample is the talk's data itself, and stands in for no other."""
    other = settings.hub or settings.sha256
    return not other or settings.sha256 == sha256


def _hub_rows(settings: DataSettings, reach: hub.Reach) -> Raw:
    rows = hub.fetch_rows(settings.hub, settings.hub_text, settings.hub_label, reach)
    named = _named_labels(settings)
    if named and (unknown := {label for label, _ in rows} - set(named)):
        raise hub.NotThereError(f"{settings.hub} has the unknown label `{sorted(unknown)[0]}`")
    pairs = [(label, text.rstrip("\r\n")) for label, text in rows if text.strip()]
    digest = hashlib.sha256("".join(f"{a}\t{b}\n" for a, b in pairs).encode()).hexdigest()
    return Raw(tuple(pairs), digest)


def find_model(
    settings: ModelSettings,
    model: str | None,
    cache: Path,
    reach: hub.Reach,
    hash_of: Callable[[Path], str],
    say: Say,
) -> ModelFound:
    """--model PATH or `package`, the Hub, the package. Raises TalkError if there is none."""
    if model and model != PACKAGED:
        found = model_at(Path(model).expanduser(), cache, hash_of, say)
        say(f"model: {found.name} ({found.why})")
        return found
    refused = []
    if settings.hub and not model:
        try:
            return _from_hub(settings, reach, hash_of, say)
        except (hub.NotThereError, TalkError) as error:
            # A copy that was kept in part is no copy.
            refused.append(error.message if isinstance(error, TalkError) else str(error))
            say(f"model: {settings.hub} can't be had: {refused[-1]}")
    if package := settings.package:
        try:
            folder = package_model(package, cache, say)
        except hub.NotThereError as error:
            refused.append(str(error))
        else:
            why = "--model names it" if model else "; ".join(["no folder was named", *refused])
            name, instruct = package.full_name, package.instruct
            other = ": another model, with numbers of its own" if refused else ""
            say(f"model: {name} from the package {package.name} {package.version}{other}")
            return ModelFound(
                "package", name, why, package.licence, folder, package.sha256, instruct
            )
    if model:
        refused = refused or ["this talk names no package that has one"]
    raise TalkError(
        "no pre-trained model can be had: " + ("; ".join(refused) or "the talk names none"),
        None,
        "name a model folder with --model, or run this once with a network",
    )


def _from_hub(
    settings: ModelSettings, reach: hub.Reach, hash_of: Callable[[Path], str], say: Say
) -> ModelFound:
    """Raises NotThereError, or TalkError where what is kept is not whole."""
    folder = hub.fetch_model(settings.hub, reach, say)
    digest, why = model_sha256(folder, hash_of), "no folder was named; the Hub has it"
    other = f"; `--model {PACKAGED}` takes {settings.package.full_name}" if settings.package else ""
    say(f"model: {settings.hub} ({why}{other})")
    return ModelFound("hub", settings.hub, why, settings.hub_licence, folder, digest)


def model_at(path: Path, cache: Path, hash_of: Callable[[Path], str], say: Say) -> ModelFound:
    """A folder as transformers saves it, or a GGUF file, which is converted once."""
    digest, folder, name = model_sha256(path, hash_of), path, name_at(path)
    if path.is_file():
        folder = gguf_model(path, digest, cache, say)
    return ModelFound("path", name, "--model names it", "", folder, digest)


def name_at(path: Path) -> str:
    """What a model that was named by its path is called."""
    return path.stem if path.is_file() else path.resolve().name


def model_sha256(path: Path, hash_of: Callable[[Path], str]) -> str:
    """The hash of a model's weights: the file's own, or the hash of the hashes of several.

    Raises TalkError where there is no whole model.
    """
    files = [path] if path.is_file() and path.suffix == ".gguf" else check_folder(path)
    for file in files:
        if file.stat().st_size > MOST_BYTES:
            hint = f"name a model whose files have at most {MOST_BYTES >> 30} GiB"
            raise TalkError("the model is too large to be fine-tuned here", Source(file), hint)
    digests = [hash_of(file) for file in files]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def check_folder(folder: Path) -> list[Path]:
    """The weight files of a model folder. Raises TalkError for what is missing or broken."""
    if not folder.is_dir():
        raise TalkError("there is no such model folder", Source(folder), "check --model")
    again = "copy the model folder again"
    for file in folder.iterdir():
        if file.exists() and not (file.is_file() or file.is_dir()):
            raise TalkError("this is a pipe or a device, no file", Source(file), again)
    settings = folder / "config.json"
    if not settings.is_file():
        hint = "name a folder as `save_pretrained` leaves it, or a GGUF file"
        raise TalkError("the model folder has no config.json", Source(folder), hint)
    try:
        json.loads(read_bytes(settings, "the model's configuration"))
    except (ValueError, RecursionError) as error:
        raise TalkError(f"not valid JSON: {error}", Source(settings), again) from None
    weights = sorted(file for pattern in WEIGHTS for file in folder.glob(pattern))
    if not weights:
        hint = "it needs model.safetensors or pytorch_model.bin beside config.json"
        raise TalkError("the model folder has no weights", Source(folder), hint)
    for file in weights:
        if file.suffix == ".safetensors" and not whole_safetensors(file):
            raise TalkError("the weights are broken", Source(file), again)
    if not any((folder / name).is_file() for name in TOKENIZERS):
        hint = "copy tokenizer.json beside it"
        raise TalkError("the model folder has no tokenizer", Source(folder), hint)
    return weights


def whole_safetensors(file: Path) -> bool:
    """Whether the file is as long as its header says, without reading the tensors."""
    try:
        with file.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            if not 0 < length < 100_000_000:
                return False
            header = json.loads(raw.read(length))
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        return file.stat().st_size == 8 + length + max(ends, default=0)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
