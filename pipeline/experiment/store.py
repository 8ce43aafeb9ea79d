"""Which run fits which inputs: fingerprints, remembered sources, kept runs, the pinned run.

Imports neither torch nor transformers: a build with nothing to do must not wait for them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pipeline.config import Config, ExperimentSettings
from pipeline.experiment.model.package import sha256_of
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

# What decides the trained model, and what is asked of it; the other modules find, keep and show.
TRAINING_CODE = (
    "data/messages",
    "data/split",
    "metrics",
    "model/pretrained",
    "model/frozen_layers",
    "model/training",
)
EXAMPLES_CODE = ("model/baselines", "examples")
RESULTS = "results.json"
MODELS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A source as it was found last: for a file, what it looked like then."""

    sha256: str
    source: str = ""
    why: str = ""
    size: int = -1
    mtime_ns: int = -1


@dataclass(slots=True)
class Memory:
    """`sources.json`: hashes of large files, and which source each wish led to."""

    path: Path
    files: dict[str, Known] = field(default_factory=dict)
    found: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def load(cls, cache: Path) -> Memory:
        """What is remembered; nothing, where the file is missing or broken."""
        path = cache / "sources.json"
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Known]])
        except (OSError, msgspec.DecodeError):
            return cls(path)
        return cls(path, kept.get("files", {}), kept.get("found", {}))

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(self.path.name + ".part")
        part.write_bytes(msgspec.json.encode({"files": self.files, "found": self.found}))
        part.replace(self.path)

    def hash_of(self, path: Path) -> str:
        """sha256 of a file, read only if its size or time changed since it was last asked for."""
        name, stat = str(path.resolve()), path.stat()
        known = self.files.get(name)
        if known and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return known.sha256
        digest = sha256_of(path)
        self.files[name] = Known(digest, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        self.save()
        return digest


def wish(*parts: Any) -> str:
    """A key for "what was asked for" of data or model."""
    return hashlib.sha256(_json(parts)).hexdigest()[:16]


def training_fingerprint(
    experiment: ExperimentSettings, quick: bool, data: str, model: str
) -> dict[str, str]:
    """What the trained model depends on. `data` and `model` are hashes."""
    settings: dict[str, Any] = {
        "training": msgspec.to_builtins(experiment.training),
        "labels": [experiment.data.negative, experiment.data.positive],
    }
    if quick:
        settings["quick"] = msgspec.to_builtins(experiment.quick)
    return {
        "data": data,
        "model": model,
        "settings": hashlib.sha256(_json(settings)).hexdigest(),
        "seed": str(experiment.seed),
        "code": code_hash(TRAINING_CODE),
    }


def examples_fingerprint(experiment: ExperimentSettings, sample: str) -> str:
    """What is asked of a trained model: examples, prompts, the second test set."""
    asked = [experiment.question, experiment.answers, experiment.next_tokens, experiment.tokenized]
    rest = [experiment.examples, experiment.data.sample_name, sample, code_hash(EXAMPLES_CODE)]
    return hashlib.sha256(_json([msgspec.to_builtins(part) for part in asked + rest])).hexdigest()


def code_hash(modules: Sequence[str]) -> str:
    """Hash of modules of this room, whole-line comments and blank lines aside."""
    folder = Path(__file__).parent
    total = hashlib.sha256()
    for name in modules:
        lines = (folder / f"{name}.py").read_text(encoding="utf-8").splitlines()
        kept = [line.rstrip() for line in lines if line.strip() and line.lstrip()[0] != "#"]
        total.update("\n".join([name, *kept]).encode())
    return total.hexdigest()


def run_id(fingerprint: dict[str, str]) -> str:
    """Eight hex digits of what the trained model depends on."""
    trained = {key: value for key, value in fingerprint.items() if key != "examples"}
    return hashlib.sha256(_json(trained)).hexdigest()[:8]


def changed_since(old: dict[str, str], new: dict[str, str]) -> tuple[str, ...]:
    """Names of what differs, in the order of the fingerprint."""
    return tuple(key for key in new if new[key] != old.get(key))


def kept_runs(cache: Path) -> Iterator[tuple[Path, Results]]:
    """Readable results in the cache, newest first. Broken files are passed over."""
    files = sorted(
        (cache / "runs").glob(f"*/{RESULTS}"), key=lambda p: (-p.stat().st_mtime_ns, p.parent.name)
    )
    for file in files:
        try:
            yield file, read_results(file)
        except TalkError:
            continue


def drop_old_models(cache: Path, keep: set[str]) -> list[str]:
    """Delete the models (not the results) of all but the newest finished runs; their ids.

    Each takes half a gigabyte or more, and is of use only to ask it other examples.
    """
    with_model = [path.parent for path, _ in kept_runs(cache) if (path.parent / "model").is_dir()]
    dropped = [run for run in with_model[MODELS_KEPT:] if run.name not in keep]
    for run in dropped:
        shutil.rmtree(run / "model", ignore_errors=True)
    return [run.name for run in dropped]


def pinned_path(config: Config) -> Path:
    return config.root / "deck" / RESULTS


def shown_results(config: Config, out: Path) -> Results:
    """The run that pages show: the pinned one, else that of the last build into `out`.

    Raises TalkError where there is neither.
    """
    pinned = pinned_path(config)
    return read_results(pinned if pinned.exists() else out / RESULTS)


def pin(config: Config, results: Path, cache: Path | None = None) -> Results:
    """Keep a run for the deck: pages use it until it is unpinned. Returns it.

    Raises TalkError where `results` is missing or broken; an earlier pin stays until the last
    moment, and its run goes back to the cache.
    """
    kept = read_results(results)
    target = pinned_path(config)
    unpin(config, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_bytes(results.read_bytes())
    part.replace(target)
    return kept


def unpin(config: Config, cache: Path | None = None) -> bool:
    """Let go of the pinned run; False where none was pinned.

    A run that the cache does not have (from another machine, say) is kept there.
    """
    target = pinned_path(config)
    if not target.exists():
        return False
    runs = (cache or config.root / ".cache") / "runs"
    try:
        pinned = read_results(target)
        kept = runs / pinned.run.id / RESULTS
        if kept.exists() and _digest(kept) != pinned.digest:
            kept = runs / f"{pinned.run.id}-{pinned.digest[:8]}" / RESULTS
    except TalkError:
        kept = runs / "unreadable-pin" / RESULTS
        kept.unlink(missing_ok=True)
    if kept.exists():
        target.unlink()
    else:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, kept)
    return True


def _digest(path: Path) -> str:
    try:
        return read_results(path).digest
    except TalkError:
        return ""


def _json(value: Sequence[Any] | dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True).encode()
