"""The command itself: what it prints, what it refuses, and that it loses nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.needs import need
from support.rehearsed import made_up_record, small_talk
from support.second_talk import write_pinned_copy, write_second_talk

from pipeline.cli import main
from pipeline.cli.commands import recorded
from pipeline.export.chromium import find_browser
from pipeline.problems import TalkError
from pipeline.results import write_results

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command."""
    try:
        status = main(list(arguments))
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This talk with a made-up run pinned, its figures drawn once."""
    root = write_pinned_copy(tmp_path_factory.mktemp("copy") / "talk")
    assert main(["--talk", str(root)]) == 0
    return root


def test_another_talk_is_built_by_naming_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small talk about bread, without an experiment, becomes a deck with its own words."""
    root = write_second_talk(tmp_path / "bread")
    status, _, err = run("--talk", str(root), capsys=capsys)
    assert status == 0, err
    page = (root / "out" / "speaker" / "index.html").read_text(encoding="utf-8")
    assert "Bread at home" in page
    assert "Beyond the Hype" not in page
    assert page.count("<section") == 3


def test_the_same_inputs_give_the_same_bytes(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two builds of one talk into two folders are the same files."""
    for name in ("one", "two"):
        assert run("--talk", str(copy), "--out", str(tmp_path / name), capsys=capsys)[0] == 0
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")}
        for n in ("one", "two")
    )
    assert one == two
    assert len(one) > 3


def test_no_page_names_this_machine(copy: Path) -> None:
    """No path of this machine and no user's folder stands in a page."""
    for page in (copy / "out").rglob("*.*"):
        text = page.read_bytes().decode("utf-8", "ignore")
        for path in (str(copy), str(ROOT), str(Path.home())):
            if len(path) > 5:
                assert path not in text, f"{path} in {page.name}"


def broken_copy(copy: Path, tmp_path: Path) -> Path:
    root = tmp_path / "broken"
    shutil.copytree(copy, root)
    return root


def test_a_failing_build_leaves_the_last_deck_whole(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slide that names a value that isn't there: one error, line, hint, old deck untouched."""
    root = broken_copy(copy, tmp_path)
    index = root / "out" / "speaker" / "index.html"
    before = index.read_bytes()
    slide = sorted((root / "deck" / "slides").glob("*.md"))[2]
    text = slide.read_text(encoding="utf-8")
    slide.write_text(text + "\n{{ finetuned.f2 | num }}\n", encoding="utf-8")
    status, _, err = run("--talk", str(root), capsys=capsys)
    assert status == 1
    errors = [line for line in err.split("\n") if line.startswith("error:")]
    hints = [line for line in err.split("\n") if line.startswith("hint:")]
    assert len(errors) == len(hints) == 1
    assert f"{slide.name}:{text.count(chr(10)) + 2}" in errors[0]
    assert "did you mean `f1`?" in hints[0]
    assert "Traceback" not in err
    assert index.read_bytes() == before


def test_half_written_results_are_one_error(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pinned results.json that was cut off is named, with what to do."""
    root = broken_copy(copy, tmp_path)
    pinned = root / "deck" / "results.json"
    pinned.write_bytes(pinned.read_bytes()[:500])
    status, _, err = run("--talk", str(root), capsys=capsys)
    assert status == 1
    assert "results are broken" in err
    assert "hint:" in err


def test_time_needs_a_run_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`time` before the first build asks for one."""
    root = write_pinned_copy(tmp_path / "talk")
    (root / "deck" / "results.json").unlink()
    status, _, err = run("time", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "there are no results yet" in err
    assert "python build.py" in err


def test_ctrl_c_is_no_traceback(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends with 130 and a word that nothing is lost."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.pages.speaker.write_deck", interrupt)
    status, _, err = run("--talk", str(copy), capsys=capsys)
    assert status == 130
    assert "nothing is lost" in err


def test_the_summary_has_the_five_rows(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A build ends with data, model, the five classifiers and the place of the deck."""
    status, out, err = run("--talk", str(copy), capsys=capsys)
    assert status == 0
    assert out == ""
    for words in ("data ", "model ", "Always", "Before training", "Fine-tuned", "TF-IDF", "deck "):
        assert words in err


def test_results_edited_by_hand_are_refused(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that was not measured reaches no page: the file is named, and the pages stay."""
    root = broken_copy(copy, tmp_path)
    pinned = root / "deck" / "results.json"
    pinned.write_text(pinned.read_text().replace('"true_positive": 70', '"true_positive": 74', 1))
    status, _, err = run("--talk", str(root), capsys=capsys)
    assert status == 1
    assert "results.json: results were edited by hand" in err
    assert "hint: bring the file back as it was" in err
    page = Path("out", "speaker", "index.html")
    assert (root / page).read_bytes() == (copy / page).read_bytes()


def test_the_module_runs_as_a_script(copy: Path) -> None:
    """`python build.py` works from another folder, too."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "build.py"), "--talk", str(copy)],
        cwd=copy.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_write_results_never_leaves_half_a_file(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results that can't be written whole leave the last ones as they were."""
    from support.made_up import made_up_results

    from pipeline.problems import TalkError

    path = tmp_path / "results.json"
    write_results(made_up_results(), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TalkError, match="results can't be written: No space left on device"):
        write_results(made_up_results(schema=1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_that_no_longer_fits_is_marked_on_every_slide(copy: Path) -> None:
    """The made-up run fits nothing here: each slide says that it is stale, and what changed."""
    page = (copy / "out" / "speaker" / "index.html").read_text(encoding="utf-8")
    assert page.count("stale run: ") == page.count("<section") == 22
    assert "code" in page.split("stale run: ")[1][:80]


def test_paper_says_which_run_measured_a_slide(copy: Path) -> None:
    """Slides with measured numbers carry date and run for the print; others don't."""
    page = (copy / "out" / "speaker" / "index.html").read_text(encoding="utf-8")
    printed = page.count("measured on 2026-11-24 · run madeup01")
    assert 3 <= printed < 22


def test_check_names_what_is_stale(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` fails for a stale run, naming what changed, and not with --allow-stale."""
    monkeypatch.delenv("TALK_DATA", raising=False)
    status, out, err = run("check", "--no-browser", "--talk", str(copy), capsys=capsys)
    assert status == 1
    assert "numbers: " in out
    assert "run madeup01 is stale: settings, seed, code and examples have changed" in err
    assert "pin --undo" in err
    fast = ("--no-browser", "--allow-stale")
    status, _, err = run("check", *fast, "--talk", str(copy), capsys=capsys)
    assert status == 0, err


def test_why_says_where_a_number_comes_from(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`why` gives the unrounded value, its counts, its place, and where it is used."""
    status, out, _ = run("why", "finetuned.recall", "--talk", str(copy), capsys=capsys)
    assert status == 0
    for words in ("0.9333333333", "70 of 75", "results.json", "14-demo.md"):
        assert words in out
    status, _, err = run("why", "finetuned.recal", "--talk", str(copy), capsys=capsys)
    assert status == 1
    assert "did you mean" in err


def test_a_recorded_rehearsal_says_how_to_see_it(tmp_path: Path) -> None:
    """Its length as everywhere, and the report's command, with the cut if it isn't the first."""
    write_second_talk(tmp_path / "bread")
    talk = small_talk(tmp_path / "bread")
    run = made_up_record(talk, total_s=136.4)
    told = [recorded(one, talk) for one in (run, replace(run, cut="c"))]
    assert told[0].startswith("recorded: full, 2:16; ")
    assert [line.split("build.py ")[1] for line in told] == [
        "rehearse --report`",
        "rehearse --report --cut c`",
    ]


def test_time_shows_all_cuts_as_json(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`time --json` is valid JSON with one entry a cut."""
    status, out, err = run("time", "--json", "--talk", str(copy), capsys=capsys)
    assert status == 0, err
    cuts = json.loads(out)["cuts"]
    assert list(cuts) == ["full", "standard", "short"]
    assert [cut["title"] for cut in cuts.values()] == ["Full", "Standard", "Short"]
    slots = [row["slot_s"] for row in cuts["full"]["rows"] if row["kind"] == "slide"]
    assert cuts["full"]["planned_s"] == sum(slots)


def test_a_talk_that_cannot_fit_says_how_many_words_to_drop(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slot too short for the talk without its optional parts is exit status 1, with advice."""
    status, out, _ = run("time", "--slot", "20", "--talk", str(copy), capsys=capsys)
    assert status == 1
    drops = re.findall(r"slide [\d-]+: (\d+) of (\d+)", out)
    assert len(drops) == 21  # slides 11 and 12 share theirs
    assert all(0 < int(drop) < int(words) for drop, words in drops)


def test_check_finds_a_picture_that_is_not_there(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt drawing is named by `check`, with its line and the nearest one."""
    root = broken_copy(copy, tmp_path)
    slide = next((root / "deck" / "slides").glob("03-*.md"))
    slide.write_text(slide.read_text(encoding="utf-8").replace("drawing: dog", "drawing: dogg"))
    status, _, err = run("check", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert re.search(rf"{slide.name}:\d+: there is no drawing `dogg`", err)
    assert "did you mean `dog`?" in err


def overfull(root: Path) -> Path:
    """A small talk whose second slide is far too full."""
    write_second_talk(root)
    slide = root / "deck" / "slides" / "02-steps.md"
    slide.write_text(f"---\nlayout: quote\ntitle: Too much\n---\n{'word ' * 150}\n")
    return root


def test_check_without_a_browser_estimates_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1 and the slide's line, with --no-browser and where there is none."""
    root = overfull(tmp_path / "talk")
    status, _, err = run("check", "--no-browser", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert re.search(r"02-steps\.md:5: slide 2 needs about \d+ px more than it has", err)
    assert "estimated, not measured" in err
    monkeypatch.setattr("pipeline.export.chromium.find_browser", lambda: None)
    status, _, err = run("check", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "what fits on the slides is estimated: there is no Chromium on this machine" in err


def test_publish_refuses_a_slide_that_is_far_too_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its line, also where it can only be estimated; nothing is written."""
    root = overfull(tmp_path / "talk")
    monkeypatch.setattr("pipeline.export.chromium.find_browser", lambda: None)
    status, _, err = run("publish", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "02-steps.md:5: slide 2 needs about" in err
    assert not (root / "out" / "public").exists()


@pytest.mark.browser
@pytest.mark.slow
def test_check_and_publish_name_what_overflows_by_its_pixels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Measured; the second time from what is kept."""
    need(find_browser(), "there is no Chromium (apt-get install chromium)")
    root = overfull(tmp_path / "talk")
    status, _, err = run("check", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "measuring 3 slides in the browser" in err
    wanted = r"02-steps\.md:5: slide 2: `body` \(“word word word word…”\) runs \d+ px off the slide"
    assert re.search(wanted, err)
    status, _, err = run("publish", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert re.search(wanted, err)
    assert "measuring" not in err
    assert not (root / "out" / "public").exists()


def test_timing_holds_back_no_publication(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` fails for a slide that takes twice its slot; `publish` says so and publishes."""
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "nowhere"))
    root = write_second_talk(tmp_path / "bread")
    path = root / "script" / "voiceover.md"
    path.write_text(path.read_text("utf-8").replace("HELLO [30 s", "HELLO [10 s"), "utf-8")
    status, _, err = run("check", "--no-browser", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "error: " in err
    status, _, err = run("publish", "--talk", str(root), capsys=capsys)
    assert status == 0, err
    assert "warning: " in err
    assert "slide 1 fills" in err
    assert (root / "out" / "public" / "index.html").exists()


def test_a_browser_that_fails_is_said_and_the_rest_estimated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs or crashes keeps nobody from the other findings."""
    root = overfull(tmp_path / "talk")

    def fails(*_: object) -> None:
        raise TalkError("the browser did not finish measuring the slides within 90 seconds")

    monkeypatch.setattr("pipeline.export.overflow._measure", fails)
    monkeypatch.setattr("pipeline.export.overflow.browser_path", lambda: "/bin/true")
    status, _, err = run("check", "--talk", str(root), capsys=capsys)
    assert status == 1
    assert "is estimated: the browser did not finish measuring the slides" in err
    assert "02-steps.md:5: slide 2 needs about" in err
