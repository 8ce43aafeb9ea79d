"""The Hub of data sets and models: tried first, given up within seconds."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.lengths import left_in_words

if TYPE_CHECKING:
    import httpx2

Say = Callable[[str], None]
PROBE_LIMIT_S = 3.0
LONGEST_WAIT_S = 60  # a Hub that asks for more is given up
TOLD_EVERY_S = 15.0
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


class Reach(msgspec.Struct, frozen=True):
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
    import urllib.error  # with all of HTTP, which a kept run needs none of
    import urllib.request

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
    """The libraries go by the probe: offline, they look at their own cache and nowhere else.

    What they would say themselves, with addresses, is left to the reasons given here.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "15")
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    import datasets
    import huggingface_hub
    from huggingface_hub import constants

    before = (constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE)
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = not reach.online
    datasets.disable_progress_bars()
    for library in (datasets, huggingface_hub):
        library.logging.set_verbosity(logging.CRITICAL)
    hooks = huggingface_hub.get_session().event_hooks
    if _no_long_wait not in hooks["response"]:
        hooks["response"].append(_no_long_wait)
        huggingface_hub.get_session().event_hooks = hooks
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def _no_long_wait(response: httpx2.Response) -> None:
    """The library waits as long as it is asked to, an hour too, and a build must not."""
    from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

    if response.status_code not in (429, 503):
        return
    after = response.headers.get("Retry-After", "")
    limits = parse_ratelimit_headers(response.headers)
    wait = int(after) if after.isdigit() else limits.reset_in_seconds if limits else 0
    if wait > LONGEST_WAIT_S:
        raise NotThereError(f"the Hub asks to come back in {left_in_words(wait)}")


def fetch_rows(name: str, text: str, label: str, reach: Reach) -> list[tuple[str, str]]:
    """(label name, text) of each row of the data set's train split. Raises NotThereError."""
    import datasets

    with as_reached(reach):
        try:
            table = datasets.load_dataset(name, split="train")
        except Exception as error:
            raise NotThereError(_why(reach, f"datasets/{name}", error)) from None
    if missing := {text, label} - set(table.column_names):
        raise NotThereError(f"{name} has no column `{sorted(missing)[0]}`")
    names, labels, texts = getattr(table.features[label], "names", None), table[label], table[text]
    # A class label of -1 stands for none, and as a place it would mean the last one.
    if any(value is None or (names and value < 0) for value in labels):
        raise NotThereError(f"{name} has messages without a label")
    return [
        (names[value] if names else str(value), str(message))
        for value, message in zip(labels, texts, strict=True)
        if message is not None
    ]


def fetch_model(name: str, reach: Reach, say: Say) -> Path:
    """The folder of a model's files; a download is said, and how far it is. Raises NotThereError.

    One that is cut off goes on where it was; one that is stopped begins again. What is kept whole
    is used where the Hub gives nothing.
    """
    with as_reached(reach):
        try:
            return _snapshot(name, local_files_only=not reach.online, tqdm_class=_told(name, say))
        except Exception as error:
            why = _why(reach, name, error)
        with contextlib.suppress(Exception):
            return _snapshot(name, local_files_only=True)
    raise NotThereError(why)


def _snapshot(name: str, **how: Any) -> Path:
    import huggingface_hub

    return Path(huggingface_hub.snapshot_download(name, allow_patterns=list(MODEL_FILES), **how))


def _told(name: str, say: Say) -> type:
    """A bar that is none: it says that something is fetched, and now and then how much is left."""
    from tqdm import tqdm

    lock, began = threading.Lock(), list[float]()
    told = [0.0]

    class Told(tqdm):  # type: ignore[misc]  # it has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # Of the library's bars this one counts the bytes that are written.
            self.counts = str(kwargs.get("desc", "")).startswith("Reconstructing")
            super().__init__(*args, **{**kwargs, "disable": True})

        def update(self, n: float | None = 1) -> None:
            with lock:
                self.n += n or 0
                now, total = time.monotonic(), self.total or 0
                if not self.counts or not self.n:
                    return
                if not began:
                    began.append(now)
                    told[0] = now
                    say(f"model: getting {name} from the Hub, once")
                elif now - told[0] >= TOLD_EVERY_S and total > self.n:
                    told[0] = now
                    left = (now - began[0]) * (total / self.n - 1)
                    done = f"{self.n / 1e6:,.0f} of {total / 1e6:,.0f} MB"
                    say(f"model: {done}, about {left_in_words(left)} left")

    return Told


def _why(reach: Reach, name: str, error: Exception) -> str:
    """Why the Hub's libraries gave nothing, in a few words: theirs hold addresses and paths."""
    from huggingface_hub import errors

    known = [error, *_causes(error)]
    if full := next((e for e in known if getattr(e, "errno", 0) == errno.ENOSPC), None):
        raise full
    for one in known:
        if isinstance(one, NotThereError):
            return str(one)
    kinds, said = tuple(map(type, known)), str(error)
    if errors.IncompleteSnapshotError in kinds and not reach.online:
        return f"{reach.reason}, and only a part of it is kept here"
    if not reach.online:
        return f"{reach.reason}, and no copy is kept here"
    if errors.GatedRepoError in kinds or "is a gated dataset" in said:
        return (
            f"it is gated: accept its terms at {endpoint()}/{name}, "
            "then name yourself with `hf auth login` or HF_TOKEN"
        )
    if any("Invalid credentials" in str(one) for one in known):
        return "the Hub refuses your token: `hf auth login`, or correct HF_TOKEN"
    if errors.RepositoryNotFoundError in kinds or "doesn't exist on the Hub" in said:
        return "the Hub has none of this name, or not for everyone"
    answers = (getattr(getattr(one, "response", None), "status_code", 0) for one in known)
    if status := next((found for found in answers if found >= 400), 0):
        return "the Hub is asked too often" if status == 429 else f"the Hub answers {status}"
    named = f"{said} {' '.join(kind.__name__ for kind in kinds)}"
    for words, meaning in _MEANT.items():
        if words in named:
            return meaning
    return f"the Hub does not give it ({type(error).__name__})"


# What a library says, or what the class of its error is called, and what it means.
_MEANT = {
    "Unknown split": "it has no split `train`",
    "Config name is missing": "it has several parts, and none is the one",
    "Dataset scripts are no longer supported": "it is a program, and none is run",
    "Timeout": "the Hub does not answer in time",
    "ConnectError": "the connection breaks off",
    "RemoteProtocolError": "the connection breaks off",
    "JSONDecodeError": "what answers is no Hub",
    "FileMetadataError": "what answers is no Hub",
    "DatasetGenerationError": "its files can't be read",
}


def _causes(error: BaseException) -> Iterator[Exception]:
    """What an error came from, nearest first."""
    seen = {id(error)}
    while (cause := error.__cause__ or error.__context__) and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, Exception):
            yield cause
        error = cause
