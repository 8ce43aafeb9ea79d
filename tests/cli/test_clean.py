"""`clean` says what it frees, asks, and removes nothing that is a record."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.second_talk import write_second_talk

from pipeline.cli import main
from pipeline.cli.clean import Group, Kept, free
from pipeline.locks import alone
from pipeline.results import write_results

MADE_UP = made_up_results()
STAYS = (
    "measured/hash/1a2b3c4d/measured.json",
    "evidence/amount-1a2b.json",
    "undo/1.json",
    "figures/own-load.json",
    "sources.json",
    "runs/unfinished/checkpoints/checkpoint-1/model.safetensors",
    # Where the cache is a link, or a folder that somebody named: what others put there.
    "code-of-mine.zip",
    "media/holiday.jpg",
    "states/Texas/map.png",
    "live-training/notes.txt",
    f"live-training/{os.getpid()}/model.safetensors",  # this one goes on
)
_HASH = "0123456789abcdef"
GOES = {
    "pictures": f"media/photo-{2 * _HASH}.bin",
    "narration": f"narration/speech-{2 * _HASH}.wav",
    "states": f"states/{_HASH}/0000/tokens.npy",
    "live": "live-training/999999999/model.safetensors",
}


def put(path: Path, size: int = 100_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    return path


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A talk whose cache has something of each kind, and two runs, one of them pinned."""
    monkeypatch.setenv("TALKWRIGHT_CACHE", str(tmp_path / "shared"))
    root = write_second_talk(tmp_path / "talk")
    for name in (*STAYS, *GOES.values()):
        put(root / ".cache" / name)
    for number, run in enumerate(("0000aaaa", "1111bbbb")):
        results = replace(MADE_UP, digest="", run=replace(MADE_UP.run, id=run))
        write_results(results, root / ".cache" / "runs" / run / "results.json")
        put(root / ".cache" / "runs" / run / "model" / "model.safetensors", 200_000)
        if not number:
            write_results(results, root / "deck" / "results.json")
    return root


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found}


def test_it_says_what_it_frees_and_leaves_records(
    talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By kind and size; runs, measured values, evidence and the shown run's model stay."""
    cache = talk / ".cache"
    before = files(cache)
    assert main(["clean", "--talk", str(talk), "--dry-run"]) == 0
    said = capsys.readouterr()
    assert {line.split()[0] for line in said.out.splitlines()} == {*GOES, "trained"}
    assert "trained       200 kB" in said.out
    assert f" kB would be freed in {cache}" in said.err
    assert files(cache) == before
    assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert " are free on this disk now" in capsys.readouterr().err
    gone = {*GOES.values(), "runs/1111bbbb/model/model.safetensors"}
    assert {name for name in before - files(cache) if not name.startswith("figures/")} == gone
    assert files(cache) >= set(STAYS)
    assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert "nothing to free" in capsys.readouterr().err


def test_without_a_yes_nothing_goes(
    talk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No terminal says no; so does a broken record of what is shown."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = files(talk)
    assert main(["clean", "--talk", str(talk)]) == 1
    assert "nothing is removed; --yes" in capsys.readouterr().err
    (talk / "deck" / "results.json").write_text("{}")
    assert main(["clean", "--talk", str(talk), "--yes"]) == 1
    assert files(talk) == before


@pytest.mark.parametrize(
    "lock", ["locks/states", "locks/evidence", "locks/run-2222cccc", f"states/{_HASH}/0001.lock"]
)
def test_states_that_another_process_may_read_stay(
    talk: Path, lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever makes a run, measures evidence, begins states or reads a part of them."""
    with alone(talk / ".cache" / lock, "reading"):
        assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    states = talk / ".cache" / "states" / _HASH
    assert f"stays, something works on it now: {states}" in capsys.readouterr().err
    assert (states / "0000" / "tokens.npy").exists()


def test_a_link_is_not_followed(talk: Path, tmp_path: Path) -> None:
    """A folder that somebody put elsewhere, and a run that is a link."""
    cache = talk / ".cache"
    elsewhere = put(tmp_path / "disk" / Path(GOES["narration"]).name)
    (cache / "narration").rename(tmp_path / "old")
    (cache / "narration").symlink_to(elsewhere.parent)
    (cache / "runs" / "1111bbbb").rename(tmp_path / "run")
    (cache / "runs" / "1111bbbb").symlink_to(tmp_path / "run")
    assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert elsewhere.exists()
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


def test_what_a_build_renames_meanwhile_is_no_error(tmp_path: Path) -> None:
    """A file that was listed and is gone: its size is nothing, and so is its removal."""
    gone = Kept(tmp_path / "gone")
    assert gone.size_bytes == 0
    assert free([Group("pictures", "", (gone,))]) == (0, [])


def test_what_talks_share_goes_only_when_asked_for(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--shared`, outside of a talk too: models and typefaces, and nothing of the talk's runs."""
    model = put(tmp_path / "shared" / "models" / _HASH / "model.safetensors")
    mine = put(tmp_path / "shared" / "models" / "car" / "wheel.stl")
    put(tmp_path / "shared" / "faces" / f"font-{2 * _HASH}.woff2")
    assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert model.exists()
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["clean", "--shared", "--yes", "--talk", str(tmp_path)]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"models", "faces"}
    assert not model.exists()
    assert mine.exists()
