"""A stand-in for the Hub: its HTTP interface on 127.0.0.1, and faults by the name of what is asked.

What `huggingface_hub` and `datasets` ask for is answered as the Hub does: information, trees,
files by HEAD and GET with ETag, commit and Range, large ones by a redirect to another host.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LARGE = (".safetensors", ".parquet", ".bin")  # kept beside git, as LFS does
PIECE = 1 << 16
NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Repo:
    """A model or a data set: its files by path; `gated`: who has no token is sent away."""

    name: str
    files: Mapping[str, bytes]
    kind: str = "models"  # or "datasets"
    gated: bool = False

    @property
    def commit(self) -> str:
        parts = (f"{path}:{oid_of(content)}" for path, content in sorted(self.files.items()))
        return hashlib.sha1("".join((self.name, *parts)).encode()).hexdigest()

    def tree(self, folder: str, recursive: bool) -> list[dict[str, Any]]:
        """What lies in a folder, its folders too; empty: there is none."""
        prefix = f"{folder}/" if folder else ""
        found = set[str]()
        for path in self.files:
            if path.startswith(prefix):
                parts = path[len(prefix) :].split("/")
                many = len(parts) if recursive else 1
                found |= {prefix + "/".join(parts[: n + 1]) for n in range(many)}
        return [self.entry(path) for path in sorted(found)]

    def entry(self, path: str) -> dict[str, Any]:
        if path not in self.files:
            return {"type": "directory", "path": path, "size": 0, "oid": oid_of(path.encode())}
        content = self.files[path]
        found: dict[str, Any] = {"type": "file", "path": path, "size": len(content)}
        found["oid"] = oid_of(content)
        if path.endswith(LARGE):
            sha256 = hashlib.sha256(content).hexdigest()
            found["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
        return found


def oid_of(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(slots=True)
class Fault:
    """What goes wrong with each request whose path holds `where`; `times`: only the first ones."""

    where: str
    status: int = 0  # 0: the answer is right, but
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0  # ends after so many bytes of the body
    pause_s: float = 0.0  # comes late
    body: bytes = b""
    method: str = ""  # of this kind alone
    times: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]  # their names in small letters


class Hub:
    """The repositories of one stand-in, its faults, and what it was asked for."""

    def __init__(self, repos: Sequence[Repo], faults: Sequence[Fault] = ()) -> None:
        self.repos = {(repo.kind, repo.name): repo for repo in repos}
        self.blobs = {
            hashlib.sha256(content).hexdigest(): content
            for repo in repos
            for content in repo.files.values()
        }
        self.faults, self.asked = list(faults), list[Asked]()
        self.url = self.beside = ""  # another host's, to which no token is to be sent

    def asked_for(self, part: str, method: str = "GET") -> list[Asked]:
        return [one for one in self.asked if part in one.path and one.method == method]

    def fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.where in path and fault.times > 0 and fault.method in ("", method):
                fault.times -= 1
                return fault
        return None


@contextmanager
def serving(repos: Sequence[Repo], faults: Sequence[Fault] = ()) -> Iterator[Hub]:
    """A Hub with these repositories, at `url`, for as long as this lasts."""
    hub = Hub(repos, faults)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    hub.beside = hub.url.replace("127.0.0.1", "localhost")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_API = re.compile(r"/api/(models|datasets)/([^/]+/[^/]+)(?:/(revision|tree|paths-info)/([^/]+))?/?")
_FILE = re.compile(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Nobody reads a log."""

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        path = unquote(address.path)
        self.hub.asked.append(
            Asked(self.command, path, {k.lower(): v for k, v in self.headers.items()})
        )
        fault = self.hub.fault(self.command, path)
        if fault and fault.pause_s:
            time.sleep(fault.pause_s)
        if fault and (fault.status or fault.body):
            self._give(fault.status or 200, fault.body, fault.headers)
        elif found := re.fullmatch(r"/cdn/(\w+)", path):
            self._file(self.hub.blobs[found[1]], found[1], fault)
        elif found := _FILE.fullmatch(path):
            self._resolve(found, fault)
        elif found := _API.match(path):
            asked = parse_qs(address.query) | parse_qs(sent.decode())
            self._api(found, path[found.end() :], asked)
        else:
            self._give(200 if path == "/api/models" else 404)

    def _repo(self, kind: str, name: str, revision: str) -> Repo | None:
        """The repository that is asked for; None: whoever asks has been told why not."""
        repo = self.hub.repos.get((kind, name))
        if repo is None:
            # As the Hub does it, which tells strangers nothing of what is private.
            self._refuse(401, "RepoNotFound")
        elif repo.gated:
            status = 403 if "Authorization" in self.headers else 401
            self._refuse(status, "GatedRepo")
        elif revision not in ("main", repo.commit):
            self._refuse(404, "RevisionNotFound")
        else:
            return repo
        return None

    def _api(self, found: re.Match[str], rest: str, asked: Any) -> None:
        kind, name, what, revision = found.groups()
        # What is gated may be known of, and not had.
        known = self.hub.repos.get((kind, name))
        gated = known is not None and known.gated and what in (None, "revision", "tree")
        repo = known if gated else self._repo(kind, name, revision or "main")
        if repo is None:
            return
        if what == "tree":
            if inside := repo.tree(rest, asked.get("recursive", [""])[0].lower() == "true"):
                self._json(inside)
            else:
                self._refuse(404, "EntryNotFound")
        elif what == "paths-info":
            there = {one["path"] for one in repo.tree("", True)}
            self._json([repo.entry(path) for path in asked.get("paths", ()) if path in there])
        else:
            siblings = [{"rfilename": path} for path in repo.files]
            more = {"private": False, "gated": repo.gated, "disabled": False, "tags": []}
            self._json(
                {"_id": "0", "id": name, "sha": repo.commit, "siblings": siblings, **more}
                | {"downloads": 0, "likes": 0}
            )

    def _resolve(self, found: re.Match[str], fault: Fault | None) -> None:
        beside, name, revision, path = found.groups()
        kind = "datasets" if beside else "models"
        repo = self._repo(kind, name, revision)
        if repo is None:
            return
        commit = {"X-Repo-Commit": repo.commit}
        if path not in repo.files:
            self._refuse(404, "EntryNotFound", commit)
            return
        entry = repo.entry(path)
        if large := entry.get("lfs"):
            linked = {"X-Linked-Etag": f'"{large["oid"]}"', "X-Linked-Size": str(large["size"])}
            there = {"Location": f"{self.hub.beside}/cdn/{large['oid']}"}
            self._give(302, headers={**commit, **linked, **there})
        else:
            self._file(repo.files[path], entry["oid"], fault, commit)

    def _file(
        self, content: bytes, etag: str, fault: Fault | None, commit: Mapping[str, str] = NONE
    ) -> None:
        status, begin, headers = 200, 0, {**commit, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if found := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or ""):
            status, begin = 206, int(found[1])
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        self._give(status, content[begin:], headers, fault.cut if fault else 0)

    def _json(self, value: object) -> None:
        self._give(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str, headers: Mapping[str, str] = NONE) -> None:
        self._give(status, headers={**headers, "X-Error-Code": code})

    def _give(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] = NONE, cut: int = 0
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        stream = BytesIO(body[:cut] if cut else body)
        try:
            while piece := stream.read(PIECE):
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True  # whoever asked has gone
        if cut:
            self.close_connection = True


# --- Repositories -------------------------------------------------------------------------------


def model_repo(name: str, files: Mapping[str, bytes], **more: Any) -> Repo:
    """A model with what stands beside it on the Hub and is no part of it."""
    others = {
        "README.md": b"---\nlicense: apache-2.0\n---\nA model.\n",
        ".gitattributes": b"*.safetensors filter=lfs\n",
        "pytorch_model.bin": bytes(2000),
        "coreml/float32_model.mlpackage/Manifest.json": b"{}",
    }
    return Repo(name, {**others, **files}, **more)


def rows_repo(
    name: str, rows: Sequence[tuple[int | None, str | None]], names: Sequence[str], **more: Any
) -> Repo:
    """Rows of (place of the label, text) as parquet with a class label, as `ucirvine/sms_spam`."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    table = arrow.table({"sms": [text for _, text in rows], "label": [place for place, _ in rows]})
    out = BytesIO()
    parquet.write_table(table, out)
    labels = "".join(f"          '{place}': {label}\n" for place, label in enumerate(names))
    card = (
        "---\ndataset_info:\n  config_name: plain_text\n  features:\n"
        "  - name: sms\n    dtype: string\n  - name: label\n    dtype:\n      class_label:\n"
        f"        names:\n{labels}  splits:\n  - name: train\n"
        f"    num_bytes: 1\n    num_examples: {len(rows)}\n"
        "configs:\n- config_name: plain_text\n  data_files:\n  - split: train\n"
        "    path: plain_text/train-*\n  default: true\n---\nMessages.\n"
    )
    files = {
        "README.md": card.encode(),
        "plain_text/train-00000-of-00001.parquet": out.getvalue(),
    }
    return Repo(name, files, kind="datasets", **more)
