"""The Hub of data sets and models: tried first, given up within seconds."""

from __future__ import annotations

import contextlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROBE_LIMIT_S = 3.0
MODEL_FILES = (
    "config.json",
    "generation_config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "*.jinja",
)


class NotThereError(Exception):
    """A source can't be had; the message says why in a few words, without a path."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether the Hub answers now, and if not, why not."""

    online: bool
    reason: str = ""


def endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def probe(limit_s: float = PROBE_LIMIT_S) -> Reach:
    """Ask the Hub for one header. Any HTTP answer counts; takes `limit_s` at the most.

    A thread, because looking up a name can't be given a time limit.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return Reach(False, "HF_HUB_OFFLINE is set")
    answers: list[Reach] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(f"{endpoint()}/api/models?limit=1", method="HEAD")
            with urllib.request.urlopen(request, timeout=limit_s):
                answers.append(Reach(True))
        except urllib.error.HTTPError as error:
            online = error.code < 500
            answers.append(Reach(online, "" if online else f"the Hub answers {error.code}"))
        except Exception:  # no network, no such host, no address, no HTTP: all the same here
            answers.append(Reach(False, "the Hub can't be reached"))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(limit_s)
    return answers[0] if answers else Reach(False, "the Hub does not answer")


@contextlib.contextmanager
def as_reached(reach: Reach) -> Iterator[None]:
    """The libraries go by the probe: offline, they look at their own cache and nowhere else."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "15")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    import datasets
    from huggingface_hub import constants

    before = (constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE)
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = not reach.online
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def fetch_rows(name: str, text: str, label: str, reach: Reach) -> list[tuple[str, str]]:
    """(label name, text) of each row of the data set's train split. Raises NotThereError."""
    import datasets

    with as_reached(reach):
        try:
            table = datasets.load_dataset(name, split="train")
        except Exception as error:
            raise NotThereError(_why(reach, error)) from None
    if missing := {text, label} - set(table.column_names):
        raise NotThereError(f"{name} has no column `{sorted(missing)[0]}`")
    names = getattr(table.features[label], "names", None)
    return [
        (names[value] if names else str(value), str(message))
        for value, message in zip(table[label], table[text], strict=True)
    ]


def fetch_model(name: str, reach: Reach) -> Path:
    """The folder of a model's files. Raises NotThereError."""
    import huggingface_hub

    with as_reached(reach):
        try:
            folder = huggingface_hub.snapshot_download(
                name, allow_patterns=list(MODEL_FILES), local_files_only=not reach.online
            )
        except Exception as error:
            raise NotThereError(_why(reach, error)) from None
    return Path(folder)


def _why(reach: Reach, error: Exception) -> str:
    if not reach.online:
        return f"{reach.reason}, and no copy is kept here"
    return f"the Hub does not give it ({type(error).__name__})"
