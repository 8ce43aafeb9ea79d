"""States of the pre-trained model that are read once and kept, and what is fitted to them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.tiny_model import make_model
from transformers import AutoModel

from pipeline.config import TrainingSettings
from pipeline.experiment.heads import head_of, plain_head
from pipeline.experiment.machine import Device
from pipeline.experiment.model import states as module
from pipeline.experiment.model.frozen import fit_probe, random_heads
from pipeline.experiment.model.frozen_layers import Tick
from pipeline.experiment.model.pretrained import load_classifier, load_tokenizer
from pipeline.experiment.model.states import States, probed_layers, read_states
from pipeline.experiment.sources import ModelFound
from pipeline.locks import alone
from pipeline.problems import TalkError

CPU = Device("cpu", "fp32", 1)
PLAIN, FROZEN = TrainingSettings(), TrainingSettings(frozen_layers=1)
TEXTS = [[5, 6, 7], [8, 9], [10, 11, 12, 13, 14], [15], [5, 6, 7]]


@pytest.fixture(scope="module", params=["gpt2", "llama", "bert"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelFound:
    folder = make_model(tmp_path_factory.mktemp("model") / request.param, request.param)
    return ModelFound("path", request.param, "", "", folder, request.param)


@pytest.fixture
def llama(tmp_path: Path) -> ModelFound:
    return ModelFound("path", "llama", "", "", make_model(tmp_path / "llama", "llama"), "llama")


def read(
    model: ModelFound,
    cache: Path | None,
    settings: TrainingSettings = PLAIN,
    texts: list[list[int]] = TEXTS,
    tick: Tick = print,
) -> States:
    return read_states(model, CPU, settings, 0, texts, cache, tick)


def test_states_are_those_of_each_text_alone(model: ModelFound, tmp_path: Path) -> None:
    """Whatever it is padded with: mean, last token and tokens, for each family of models."""
    found = read(model, tmp_path, settings=FROZEN)
    whole = AutoModel.from_pretrained(model.folder).eval()
    for ids in TEXTS:
        with torch.no_grad():
            hidden = whole(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
        for layer in found.layers:
            expected = hidden[layer][0].mean(0).numpy()
            assert found.mean(layer, [ids])[0] == pytest.approx(expected, abs=1e-5)
        assert found.last([ids])[0] == pytest.approx(hidden[-1][0, -1].numpy(), abs=1e-5)
        assert found.tokens(tuple(ids)) == pytest.approx(hidden[1][0].numpy(), abs=1e-5)


def test_only_the_layers_in_use_are_read(llama: ModelFound, tmp_path: Path) -> None:
    """With `used_layers` the highest state is the one after that layer and the norm."""
    ticks: list[float] = []
    settings = TrainingSettings(used_layers=2)
    found = read(llama, tmp_path, settings=settings, tick=ticks.append)
    assert found.layers == (1, 2)
    assert sum(ticks) == 2 * sum(len(ids) for ids in {tuple(ids) for ids in TEXTS})
    whole = AutoModel.from_pretrained(llama.folder).eval()
    with torch.no_grad():
        hidden = whole(input_ids=torch.tensor([TEXTS[0]]), output_hidden_states=True).hidden_states[
            2
        ]
        expected = whole.norm(hidden)[0, -1].numpy()
    assert found.last(TEXTS[:1])[0] == pytest.approx(expected, abs=1e-5)


def test_texts_are_read_once(
    llama: ModelFound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run of the same data and model doesn't even load it; seconds are of the reading."""
    monkeypatch.setattr(module, "PART", 2)
    first = read(llama, tmp_path, settings=FROZEN)
    ticks: list[float] = []
    with monkeypatch.context() as unloadable:
        unloadable.delattr(module.AutoModel, "from_pretrained")
        again = read(llama, tmp_path, settings=FROZEN, texts=TEXTS[::-1], tick=ticks.append)
    assert ticks == []
    assert (again.mean(2, TEXTS) == first.mean(2, TEXTS)).all()
    assert again.seconds(3, TEXTS) == first.seconds(3, TEXTS) > first.seconds(1, TEXTS) > 0
    assert (read(llama, None, settings=FROZEN).last(TEXTS) == first.last(TEXTS)).all()


def test_an_interrupted_reading_goes_on_and_a_changed_part_is_read_again(
    llama: ModelFound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there is used while it is what it was, and the states are the same either way."""
    monkeypatch.setattr(module, "PART", 2)
    monkeypatch.setattr(module, "BATCH", 2)
    whole = read(llama, tmp_path / "whole", settings=FROZEN)

    def stop(work: float) -> None:
        raise KeyboardInterrupt

    cache = tmp_path / "cut"
    read_two = [0]

    def cut(work: float) -> None:
        read_two[0] += 1
        if read_two[0] == 2:
            stop(work)

    with pytest.raises(KeyboardInterrupt):
        read(llama, cache, settings=FROZEN, tick=cut)
    ticks: list[float] = []
    rest = read(llama, cache, settings=FROZEN, tick=ticks.append)
    assert len(ticks) == 1
    for name in ("means", "last", "tokens"):
        for one, other in zip(rest.parts, whole.parts, strict=True):
            assert (getattr(one, name) == getattr(other, name)).all()
    (changed,) = cache.glob("states/*/0000/means.npy")
    changed.write_bytes(changed.read_bytes()[:-4] + b"oops")
    ticks.clear()
    again = read(llama, cache, settings=FROZEN, tick=ticks.append)
    assert len(ticks) == 1
    assert (again.mean(3, TEXTS) == whole.mean(3, TEXTS)).all()


def test_what_another_process_reads_is_read_last(
    llama: ModelFound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that several read different parts at once; here the other one ends at the first tick."""
    monkeypatch.setattr(module, "PART", 2)
    first = read(llama, tmp_path)
    (folder,) = tmp_path.glob("states/*")
    for seal in folder.glob("*/sealed.json"):
        seal.unlink()
    ticks: list[float] = []
    with ExitStack() as other:
        other.enter_context(alone(folder / "0000.lock", "reading"))

        def tick(work: float) -> None:
            ticks.append(work)
            other.close()

        again = read(llama, tmp_path, tick=tick)
    assert ticks == [3 * (3 + 5), 3 * (1 + 2)]  # layers times tokens: the shorter ones last
    assert (again.mean(3, TEXTS) == first.mean(3, TEXTS)).all()


def test_frozen_layers_take_what_is_kept(llama: ModelFound, tmp_path: Path) -> None:
    """The fine-tuning computes nothing below, and says the same; its seconds count the reading."""
    tokenizer = load_tokenizer(llama.folder)
    plain, helped = (load_classifier(llama.folder, tokenizer, CPU, FROZEN, 1) for _ in range(2))
    kept = read(llama, tmp_path, settings=FROZEN)
    assert helped.shortcut
    assert helped.shortcut.to_read(TEXTS) == 11
    helped.shortcut.kept = kept
    assert helped.shortcut.to_read(TEXTS) == 0
    ticks: list[float] = []
    said, seconds = helped.predict(TEXTS, ticks.append)
    assert sum(ticks) == 2 * sum(map(len, TEXTS))  # the two layers above
    assert said == pytest.approx(plain.predict(TEXTS, ticks.append)[0], abs=1e-5)
    assert seconds > kept.seconds(1, TEXTS)


def test_a_model_without_states_is_named(
    llama: ModelFound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, with what to leave out."""
    config = llama.folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_type": "bogus"}))
    with pytest.raises(TalkError, match="the model can't be loaded"):
        read(llama, tmp_path)
    whole = json.loads(config.read_text()) | {"model_type": "llama"}
    config.write_text(json.dumps(whole))
    forward = AutoModel.from_pretrained

    def blind(*args: Any, **more: Any) -> Any:
        made = forward(*args, **more)
        call = made.forward
        made.forward = lambda **given: call(**given | {"output_hidden_states": False})
        return made

    monkeypatch.setattr(AutoModel, "from_pretrained", blind)
    with pytest.raises(TalkError, match="LlamaModel shows no state after each layer") as error:
        read(llama, tmp_path)
    assert "`untrained` and `frozen`" in error.value.hint


def test_a_model_of_another_shape_has_its_own_probes() -> None:
    assert probed_layers(30) == (2, 6, 10, 14, 18, 22, 26, 30)
    assert probed_layers(6) == (1, 2, 3, 4, 5, 6)
    assert probed_layers(12) == (2, 4, 6, 8, 10, 12)
    assert probed_layers(1) == (1,)


def apart(layer: int, count: int = 60) -> tuple[np.ndarray, list[int]]:
    """Two labels that only layer 2 tells apart."""
    chance = np.random.default_rng(layer)
    labels = [at % 2 for at in range(count)]
    rows = chance.normal(size=(count, 8))
    if layer == 2:
        rows[:, 3] += 6 * np.array(labels)
    return rows, labels


def test_the_layer_that_tells_the_labels_apart_is_chosen() -> None:
    rows = {layer: apart(layer)[0] for layer in (1, 2, 3)}
    labels = apart(1)[1]
    train = {layer: states[:40] for layer, states in rows.items()}
    held = {layer: states[40:] for layer, states in rows.items()}
    found = fit_probe(train, labels[:40], held, labels[40:], 1)
    assert found.layer == 2
    assert head_of(found).predict(held[2]).argmax(-1).tolist() == labels[40:]
    assert found.trained_parameters == 9
    assert found.fit_seconds > 0


@pytest.mark.parametrize(("labels", "positive"), [(2, 1), (2, None), (3, None)])
def test_the_middle_random_head_stands_in_the_middle(labels: int, positive: int | None) -> None:
    """Half of the heads do as well or better; the same seed gives the same head."""
    rows, truth = apart(2)
    truth = [at % labels for at in range(len(truth))]
    one, other = (random_heads(rows, truth, labels, positive, 7) for _ in range(2))
    spread = one.spread
    assert (one.weights == other.weights).all()
    assert spread.low <= spread.mean <= spread.high <= spread.highest
    from pipeline.experiment.metrics import f1_of, matrix_of

    likely = plain_head(one.weights, 1, "mean").predict(rows)
    assert likely.sum(1) == pytest.approx(1)
    middle = f1_of(matrix_of(truth, likely.argmax(-1), labels), positive)
    assert middle is not None
    assert spread.low <= middle <= spread.high
