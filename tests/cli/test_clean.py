"""`clean` says what it frees, asks, and removes nothing that is a record."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from support.made_up import made_up_results
from support.second_talk import write_second_talk

from pipeline.cli import main
from pipeline.files import alone
from pipeline.results import write_results

MADE_UP = made_up_results()
STAYS = (
    "measured/hash/1a2b3c4d/measured.json",
    "evidence/amount-1a2b.json",
    "undo/1.json",
    "figures/own-load.json",
    "sources.json",
    "runs/unfinished/checkpoints/checkpoint-1/model.safetensors",
)
GOES = {
    "pictures": "media/photo.png",
    "narration": "narration/speech-1.wav",
    "states": "states/0123/0000/tokens.npy",
    "live": "live-training/1/model.safetensors",
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


def test_what_is_in_use_stays_and_a_link_is_not_followed(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """States that another process reads; a folder that somebody put elsewhere."""
    cache = talk / ".cache"
    elsewhere = put(tmp_path / "disk" / "song.wav")
    (cache / "narration").rename(tmp_path / "old")
    (cache / "narration").symlink_to(elsewhere.parent)
    with alone(cache / "locks" / "states-0123", "reading"):
        assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert f"stays, something works on it now: {cache / 'states' / '0123'}" in (
        capsys.readouterr().err
    )
    assert elsewhere.exists()
    assert (cache / "states" / "0123").is_dir()


def test_what_talks_share_goes_only_when_asked_for(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--shared`, outside of a talk too: models and typefaces, and nothing of the talk's runs."""
    model = put(tmp_path / "shared" / "models" / "0123" / "model.safetensors")
    put(tmp_path / "shared" / "faces" / "font-1.woff2")
    assert main(["clean", "--talk", str(talk), "--yes"]) == 0
    assert model.exists()
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["clean", "--shared", "--yes", "--talk", str(tmp_path)]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"models", "faces"}
    assert not model.exists()
