"""The live models of a kept run, on tiny models: they say what the run recorded."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.needs import need
from support.tiny_model import whole

from pipeline.problems import TalkError


def need_torch() -> None:
    """Asked inside the tests: those that need no torch need not wait for it."""
    need(find_spec("torch"), "torch is not installed (pip install '.[train]')")


def load_live_models(*arguments: Any) -> Any:
    from pipeline.experiment.live.model import load_live_models

    return load_live_models(*arguments)


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tiny talk, its results, and its live models; lower layers are shared in one family only."""
    need_torch()
    from support.tiny_model import tiny_options, tiny_talk

    from pipeline.experiment.run import run_experiment

    config = tiny_talk(tmp_path_factory.mktemp(request.param), request.param)
    options = tiny_options(config)
    results = run_experiment(config, options, lambda _: None)
    said: list[str] = []
    models = load_live_models(config, results, config.root / "cache", said.append, options)
    assert said == []
    return config, results, models


@pytest.mark.slow
def test_the_live_models_say_what_the_run_recorded(kept: Any) -> None:
    """Of each example: label and confidence, to a thousandth."""
    _, results, models = kept
    for example in results.examples:
        said = models.classify(example.text).said
        assert list(said) == ["finetuned", "linear", "frozen", "untrained"]
        for name in said:
            recorded = getattr(example, name)
            assert said[name].positive_probability == pytest.approx(
                recorded.positive_probability, abs=1e-3
            ), (name, example.text)
            assert said[name].label == recorded.label


@pytest.mark.slow
def test_the_next_tokens_are_the_recorded_ones(kept: Any) -> None:
    """By the pre-trained model, which shares its weights with the others and isn't changed."""
    _, results, models = kept
    for prompt in results.next_tokens:
        found = models.next(prompt.prompt)
        expected = [(c.token, pytest.approx(c.probability, abs=1e-4)) for c in prompt.candidates]
        assert list(found.candidates) == expected
        assert "".join(found.tokens) == prompt.prompt


@pytest.mark.slow
def test_leave_one_out_is_the_model_without_each_token(kept: Any) -> None:
    """Checked against classifying each shortened list of tokens by itself."""
    _, _, models = kept
    text = "win a free prize now, claim it today"
    found = whole(models.moved(text))
    ids, _ = models._ids(text)
    reading = models.classify(text)
    assert found.label == "spam"
    assert found.probability == pytest.approx(
        reading.said["finetuned"].positive_probability, abs=1e-4
    )
    assert found.pieces == tuple((at, at + 1) for at in range(len(reading.tokens)))
    for (start, end), change in zip(found.pieces, found.changes, strict=True):
        alone, _ = models.finetuned.predict([[*ids[:start], *ids[end:]]], lambda _: None)
        assert change == pytest.approx(found.probability - alone[0, 1], abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["\0", "😀🎉", "مرحبا", "a", "x" * 100_000, "&amp; &lt;b&gt;"])
def test_odd_texts_are_read(text: str, kept: Any) -> None:
    """Each gets an answer, and what the model doesn't read is counted."""
    _, results, models = kept
    found = models.classify(text)
    most = results.training.max_tokens
    assert len(found.tokens) <= most
    assert (found.beyond > 0) == (len(text) > 1000)
    assert found.unread == max(0, len(text) - 4000)
    assert all(0.5 <= said.confidence <= 1 for said in found.said.values())
    moved = whole(models.moved(text))
    assert moved.pieces[-1][1] == len(found.tokens)
    assert models.next(text).candidates


@pytest.mark.slow
def test_nothing_that_was_typed_is_kept(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the frozen layers make of a text is remembered while it is asked about, then gone."""
    from pipeline.experiment.model.frozen_layers import FrozenLayers

    config, _, models = kept
    forgotten: list[int] = []
    real = FrozenLayers.forget

    def forget(self: FrozenLayers) -> None:
        forgotten.append(len(self.states))
        real(self)

    monkeypatch.setattr(FrozenLayers, "forget", forget)
    models.classify("a secret")
    whole(models.moved("another secret"))
    shortcut = models.finetuned.shortcut
    assert models.as_it_came.body.shortcut is None
    if config.root.name.startswith("gpt2"):  # its positions are learned: nothing is remembered
        assert shortcut is None
        assert forgotten == []
    else:
        assert max(forgotten) > 1
        assert (shortcut.states, shortcut.seconds) == ({}, {})


@pytest.mark.slow
def test_weights_that_training_left_alone_are_held_once(kept: Any) -> None:
    """Those of the pre-trained model, and below its frozen layers the fine-tuned one's too."""
    _, _, models = kept
    with models.finetuned.whole():
        tuned, came, language = (
            {name: weights.data_ptr() for name, weights in model.base_model.named_parameters()}
            for model in (
                models.finetuned.model,
                models.as_it_came.body.model,
                models.language.model,
            )
        )
    assert came == language
    shared = [name for name, at in tuned.items() if came[name] == at]
    assert 0 < len(shared) < len(tuned)


@pytest.mark.slow
def test_heads_that_were_not_kept_are_left_out_and_named(kept: Any, tmp_path: Path) -> None:
    """A run of an older version, say: none is made up in their place."""
    from support.tiny_model import tiny_options

    from pipeline.experiment.live.model import KeptRun

    config, results, _ = kept
    shutil.copytree(config.root / "cache" / "runs", tmp_path / "runs")
    shutil.rmtree(tmp_path / "runs" / results.run.id / "heads")
    said: list[str] = []
    run = KeptRun(config, results, tmp_path, said.append, tiny_options(config))
    models = run.load_language_models()
    names = "“Frozen model + linear model”", "“Before training”"
    assert all(name in said[0] for name in names)
    assert list(models.classify("win a prize").said) == ["finetuned"]
    assert models.language is not None


@pytest.mark.slow
def test_a_run_whose_model_is_gone_is_named(kept: Any) -> None:
    """A pinned run from another machine, say."""
    config, results, _ = kept
    other = replace(results, run=replace(results.run, id="elsewhere"))
    with pytest.raises(TalkError, match="the model of run elsewhere isn't kept here"):
        load_live_models(config, other, config.root / "cache", lambda _: None)


@pytest.mark.slow
def test_a_model_that_is_not_the_one_that_was_trained_is_not_shown(
    kept: Any, tmp_path: Path
) -> None:
    """Neither changed weights nor those of another training answer for the run."""
    config, results, _ = kept
    another = replace(results, training=replace(results.training, seconds=1.0))
    shutil.copytree(config.root / "cache" / "runs", tmp_path / "runs")
    with pytest.raises(TalkError, match="isn't kept here as it was trained"):
        load_live_models(config, another, tmp_path, lambda _: None)
    with (tmp_path / "runs" / results.run.id / "model" / "model.safetensors").open("ab") as file:
        file.write(b"0")
    with pytest.raises(TalkError, match="isn't kept here as it was trained"):
        load_live_models(config, results, tmp_path, lambda _: None)


@pytest.mark.slow
def test_without_its_data_and_base_the_fine_tuned_model_still_answers(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be had is said, and the rest goes on."""
    config, results, _ = kept
    monkeypatch.delenv("TALK_DATA", raising=False)
    said: list[str] = []
    models = load_live_models(config, results, config.root / "cache", said.append)
    assert len(said) == len(models.missing) == 2
    assert list(models.classify("win a prize").said) == ["finetuned"]
    with pytest.raises(TalkError, match="the pre-trained model isn't here"):
        models.next("see you at")


@pytest.mark.slow
@given(st.integers(min_value=0, max_value=2000))
def test_pieces_cover_a_text_once_and_are_few(tokens: int) -> None:
    """Each token is left out exactly once; the work has a limit."""
    need_torch()
    from pipeline.experiment.live.model import pieces_of

    pieces = pieces_of(tokens)
    assert [at for start, end in pieces for at in range(start, end)] == list(range(tokens))
    assert len(pieces) <= 32
