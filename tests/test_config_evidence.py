"""[evidence.NAME] of talk.toml: a slip is one error with its line and a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import USED, load_config
from pipeline.problems import TalkError

HEAD = '[talk]\ntitle = "T"\nspeaker = "Ada"\n[experiment.data]\npositive = "a"\nnegative = "b"\n'
BAD = [
    ("[evidence.amount]\nseed = 3", "unknown key `seed`", "did you mean `seeds`?"),
    ("[evidence.mine]", "`mine` is no kind of experiment", "add `kind = …`"),
    ('[evidence.mine]\nkind = "amout"', "unknown kind `amout`", "did you mean `amount`?"),
    ("[evidence.amount]\nsizes = [10, 1]", "`sizes` holds 1", "at least 2"),
    ("[evidence.amount]\nsizes = [10, 10]", "10 stands twice in `sizes`", "take one out"),
    ("[evidence.drift]\nsizes = [-1]", "`sizes` holds -1", "at least 0"),
    ("[evidence.quality]\nshares = [1.2]", "`shares` holds 1.2", "from 0 to 1"),
    ("[evidence.quality]\nshares = [nan]", "`shares` holds nan", "from 0 to 1"),
    ("[evidence.quality]\nclean = [0]", "`clean` holds 0", "at least 2"),
    ("[evidence.leak]\nsizes = [10]", "kind `leak` has no `sizes`", "it goes with: rungs, seeds"),
    ('[evidence.leak]\nrungs = ["liner"]', "unknown rungs `liner`", "did you mean `linear`?"),
    ("[evidence.leak]\nseeds = 0", "0 seeds can't be run", "from 1 to 50"),
    ("[evidence.leak]\nseeds = 51", "51 seeds can't be run", "from 1 to 50"),
    ('[evidence."a b"]\nkind = "leak"', "`a b` is no name for an experiment", "letters, digits"),
    ('[evidence.linear]\nkind = "leak"', "`linear` has a meaning in placeholders", "another name"),
    ("[evidence]\nseeds = 3", "`seeds` stands in [evidence]", "[evidence.NAME]"),
    (
        '[measure.leak]\ncommand = "x"\n[evidence.leak]',
        "[measure.leak] has this name, too",
        "another name",
    ),
    (
        '[measure.Leak]\ncommand = "x"\n[evidence.leak]',
        "`Leak` and `leak` differ in capitals alone",
        "another name",
    ),
]


@pytest.mark.parametrize(("table", "message", "hint"), BAD)
def test_a_slip_is_one_error(tmp_path: Path, table: str, message: str, hint: str) -> None:
    """Its line, what is wrong and what to do."""
    (tmp_path / "talk.toml").write_text(HEAD + table + "\n", "utf-8")
    with pytest.raises(TalkError) as refused:
        load_config(tmp_path)
    assert message in refused.value.message
    assert hint in refused.value.hint
    assert refused.value.where is not None
    assert refused.value.where.line


def test_evidence_needs_an_experiment(tmp_path: Path) -> None:
    """Without [experiment] nothing says where messages come from."""
    head = HEAD.partition("[experiment")[0]
    (tmp_path / "talk.toml").write_text(f"{head}[evidence.leak]\n", "utf-8")
    with pytest.raises(TalkError, match=r"\[evidence.leak\] needs an experiment"):
        load_config(tmp_path)


def test_trials_need_a_label_that_is_hunted(tmp_path: Path) -> None:
    """What each cell would say is said once, before any; facts need no label."""
    head = HEAD.replace('positive = "a"\nnegative = "b"', 'labels = ["a", "b"]')
    (tmp_path / "talk.toml").write_text(f"{head}[evidence.facts]\n", "utf-8")
    assert load_config(tmp_path).evidence
    (tmp_path / "talk.toml").write_text(f"{head}[evidence.facts]\n[evidence.leak]\n", "utf-8")
    with pytest.raises(TalkError, match="the kind `leak` needs a label that the talk hunts"):
        load_config(tmp_path)


def test_every_kind_can_be_named(tmp_path: Path) -> None:
    """A table without a key has the kind of its name; drift may add nothing."""
    tables = "".join(f"[evidence.{kind}]\n" for kind in USED)
    (tmp_path / "talk.toml").write_text(
        HEAD + tables + '[evidence.older]\nkind = "drift"\nsizes = [0, 50]\n', "utf-8"
    )
    config = load_config(tmp_path)
    assert [config.kind_of(name) for name in config.evidence] == [*USED, "drift"]
