"""What `check` says of evidence: a sentence for all of the same, never one for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.evidence import evident
from support.second_talk import ROOT

from pipeline.checks.evidence import evidence_problems, with_others
from pipeline.checks.numbers import staleness_problems
from pipeline.cli.evidence import shown_evidence
from pipeline.config import load_config
from pipeline.measure.store import pinned_file
from pipeline.measured import Measured, write_measurement
from pipeline.places import NOWHERE, arranged
from pipeline.problems import TalkError


def others() -> Measured:
    """Evidence of one collection beside a run of another, the ladder of a third model."""
    found = evident()
    made = {}
    for name, one in found.measurements.items():
        model = "b" if name == "ladder" else "a"
        basis = {"data": "elsewhere", "model": model, "model_name": f"Model {model}"}
        made[name] = replace(one, run=replace(one.run, source="mail", fingerprint=basis))
    return replace(found, measurements=made)


def test_other_data_and_models_are_said_once() -> None:
    """By name, with what they were measured with; those of another model apart."""
    ladder, rest = (problem.message for problem in with_others(others()))
    assert ladder.startswith("ladder was measured with other data, mail and other model, Model b")
    assert rest.startswith("amount, quality, picking, leak, drift, facts, confidence were measured")
    assert list(with_others(replace(others(), experiment=None))) == []


def test_evidence_of_which_the_same_has_changed_is_stale_in_one_sentence() -> None:
    """And one command measures it all; what is pinned is apart, and so is a command's run."""
    changed = {"leak": ("data",), "drift": ("data",), "facts": ("grid",), "": ("code",)}
    found = staleness_problems(replace(evident(), changed=changed), {"leak", "drift"})
    assert found[0].message.startswith("leak, drift are stale: data has changed since they")
    assert found[0].hint.endswith("evidence leak drift` and `pin leak drift`")
    assert len(found) == 3


def test_a_slide_that_is_gone_is_a_finding_with_its_line(tmp_path: Path) -> None:
    """It names where evidence is told, and no page breaks by it."""
    head = '[talk]\ntitle = "T"\nspeaker = "Ada"\n[experiment.data]\n'
    head += 'positive = "a"\nnegative = "b"\n[evidence.leak]\nseeds = 3\nslide = "demos"\n'
    (tmp_path / "talk.toml").write_text(head, "utf-8")
    config, places = load_config(tmp_path), arranged([(1, "demo", "slide")])
    (problem,) = evidence_problems(config, Measured(), places)
    assert (
        str(problem)
        == f"{tmp_path / 'talk.toml'}:9: [evidence.leak]: no slide has the name `demos`"
    )
    assert (problem.severity, problem.hint) == ("warning", "did you mean `demo`?")
    assert not list(evidence_problems(config, Measured(), NOWHERE))


def test_an_edited_pinned_run_says_how_to_let_go_of_it(tmp_path: Path) -> None:
    """Not to build again: no build measures it."""
    (tmp_path / "talk.toml").write_bytes((ROOT / "talk.toml").read_bytes())
    config = load_config(tmp_path)
    file = pinned_file(config, "leak")
    write_measurement(evident().measurements["leak"], file)
    file.write_text(file.read_text("utf-8").replace("0.9", "0.8", 1), "utf-8")
    with pytest.raises(TalkError, match="edited by hand") as refused:
        shown_evidence(config, tmp_path / "out")
    assert "pin leak --undo`; `evidence leak` measures again" in refused.value.hint
