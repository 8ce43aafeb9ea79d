"""Kinds of evidence: what they draw, and that they find what was planted."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.tiny_model import make_model, tiny_experiment, write_messages

from pipeline.config import EvidenceSettings
from pipeline.experiment.data.messages import Labels, Message, Messages, clean_all
from pipeline.experiment.data.read import read_raw
from pipeline.experiment.evidence import calibration, lessons, probes, rungs
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.kinds import (
    MODULES,
    amount,
    confidence,
    drift,
    kind_in,
    ladder,
    leak,
    picking,
    quality,
)
from pipeline.experiment.evidence.lessons import Lesson, lesson_of
from pipeline.experiment.evidence.trials import Trials, trial
from pipeline.experiment.machine import Device
from pipeline.experiment.model import baselines
from pipeline.experiment.sources import ModelFound
from pipeline.measured import Tree, Value

if TYPE_CHECKING:
    from sklearn.pipeline import FeatureUnion

HAM, SPAM = 0, 1
SETTINGS = EvidenceSettings(seeds=3)


def bench_of(messages: Messages, model: Path = Path(), *elsewhere: Message) -> Bench:
    return Bench(
        experiment=tiny_experiment(),
        labels=Labels(("ham", "spam"), "spam"),
        messages=messages,
        elsewhere=elsewhere,
        model=ModelFound("path", "tiny", "", "", model, "0" * 64),
        device=Device("cpu", "fp32", 1),
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Messages that a linear model tells apart, with a second set; a model of random weights."""
    from pipeline.experiment.data.read import Form

    root = tmp_path_factory.mktemp("kinds")
    labels, form = Labels(("ham", "spam"), "spam"), Form(("ham", "spam"))
    found, others = (
        clean_all(read_raw(write_messages(root / f"{seed}.tsv", n, seed), form), labels)
        for seed, n in ((0, 300), (7, 60))
    )
    return bench_of(found, make_model(root / "model", "llama"), *others.items)


def words(count: int, chance: random.Random) -> str:
    """Made-up words that no two messages share by more than chance."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(chance.choices(letters, k=6)) for _ in range(count))


def f1(value: Tree) -> float:
    assert isinstance(value, Value)
    return value.value


def made_up(cells: list[Cell], score: Callable[[Cell], float]) -> dict[Cell, Outcome]:
    """Outcomes with the F1 that is wished for."""
    return {
        cell: {"test": {"f1": score(cell), "messages": 100}, "train": 900, "examples": 900}
        for cell in cells
    }


# --- Lessons ------------------------------------------------------------------------------------


def test_draws_hold_each_label_equally_often_and_the_smaller_draws_of_their_seed(
    bench: Bench,
) -> None:
    few, more = (lesson_of(trial("linear", 1, n=n), bench).train for n in (10, 40))
    assert [sum(m.label == label for m in few) for label in (HAM, SPAM)] == [5, 5]
    assert sum(m.label == SPAM for m in more) == 20
    assert more[:10] == few
    assert lesson_of(trial("linear", 2, n=10), bench).train != few


def test_nothing_that_a_trial_learns_from_is_in_its_test_set(bench: Bench) -> None:
    for at in ({}, {"n": 20}, {"wrong": 0.2, "side": "random"}, {"added": 10}):
        lesson = lesson_of(trial("linear", 1, **at), bench)
        learned = {m.text for m in (*lesson.train, *lesson.validation)}
        assert not learned & {m.text for m in lesson.tried["test"]}
        assert not learned & {m.text for m in lesson.tried.get("held_out", ())} - {
            m.text for m in bench.messages.items
        }


def test_so_many_labels_are_wrong_as_is_said_and_on_one_side_only_positive_ones(
    bench: Bench,
) -> None:
    right = lesson_of(trial("linear", 1, wrong=0.0, side="random"), bench).train
    both = lesson_of(trial("linear", 1, wrong=0.25, side="random"), bench).train
    one = lesson_of(trial("linear", 1, wrong=0.25, side="one_sided"), bench).train
    changed = [a.label for a, b in zip(right, both, strict=True) if a.label != b.label]
    assert len(changed) == round(0.25 * len(right))
    assert set(changed) == {HAM, SPAM}
    hidden = [a.label for a, b in zip(right, one, strict=True) if a.label != b.label]
    positive = sum(m.label == SPAM for m in right)
    assert hidden == [SPAM] * round(0.25 * positive)


def test_half_of_the_second_set_is_held_out_and_the_other_half_is_added(bench: Bench) -> None:
    none, some = (lesson_of(trial("linear", 1, **at), bench) for at in ({}, {"added": 10}))
    everything = lesson_of(trial("linear", 1, added=1000), bench)
    assert len(some.train) == len(none.train) + 10
    assert everything.counts["added"] == 30  # as many as there are
    assert none.tried["held_out"] == some.tried["held_out"]
    assert not set(some.train) & set(some.tried["held_out"])


def test_a_talk_that_hunts_no_label_has_no_evidence(bench: Bench) -> None:
    from dataclasses import replace

    with pytest.raises(Exception, match="a label that the talk hunts"):
        lesson_of(trial("linear", 1), replace(bench, labels=Labels(("ham", "spam"))))


# --- Rungs --------------------------------------------------------------------------------------


def test_cheap_rungs_learn_and_say_what_it_took(bench: Bench) -> None:
    for rung in ("majority", "linear", "frozen"):
        found = rungs.measure(trial(rung, 1), bench)
        assert found["examples"] == 270
        assert isinstance(found["fit_seconds"], float)
        assert found["fit_seconds"] >= 0
        test = found["test"]
        assert isinstance(test, dict)
        assert test["f1"] == (0.0 if rung == "majority" else pytest.approx(1.0, abs=0.2))
        assert len(test["likely"]) == test["messages"]  # type: ignore[arg-type]


def test_the_same_trial_gives_the_same_but_for_its_seconds(bench: Bench) -> None:
    cell = trial("frozen", 1, n=20)
    one, other = rungs.measure(cell, bench), rungs.measure(cell, bench)
    assert one["test"] == other["test"]


def test_a_prompt_is_tried_at_each_number_of_labelled_messages_from_one_reading(
    bench: Bench,
) -> None:
    found = rungs.measure(trial("few_shot", 1), bench)
    assert found["examples"] == 8 + 30  # those in the prompt, those of the threshold
    sizes = found["sizes"]
    assert isinstance(sizes, dict)
    assert list(sizes) == ["10", "20"]  # there are no fifty
    assert rungs.measure(trial("prompted", 1), bench)["examples"] == 0


def test_the_threshold_of_a_small_draw_is_found_on_messages_that_no_feature_knows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each fold words are counted anew: what is judged there has given none of them."""
    fits: list[set[str]] = []
    features = baselines.text_features

    def spied() -> FeatureUnion:
        made = features()
        fit, transform = made.fit_transform, made.transform

        def fitted(texts: list[str]) -> object:
            fits.append(set(texts))
            return fit(texts)

        def transformed(texts: list[str]) -> object:
            assert not fits[-1] & set(texts)
            return transform(texts)

        made.fit_transform, made.transform = fitted, transformed
        return made

    monkeypatch.setattr(baselines, "text_features", spied)
    lesson = lesson_of(trial("linear", 1, n=20), bench)
    learned = rungs.linear(lesson, bench, 1)
    assert learned.threshold is not None
    whole, *folds = fits
    assert whole == {m.text for m in lesson.train}
    assert [len(whole - one) for one in folds] == [4] * 5


def test_of_equals_the_surest_is_chosen_but_where_labels_are_wrong(bench: Bench) -> None:
    """Two layers that tell all apart, one by little; against wrong labels the first one stays."""
    train = tuple(Message(str(i), i % 2) for i in range(200))
    sides = np.array([[2.0 * m.label - 1] for m in train])
    options = [rungs.Option(by * sides, None, 0.01, at, tall=True) for at, by in ((2, 1), (5, 3))]
    for noisy, layer in ((False, 5), (True, 2)):
        lesson = Lesson(train, (), {}, noisy=noisy)
        best, _ = rungs.fitted(options, options[0], lesson, bench, seed=1)
        assert best.layer == layer


def test_the_memory_of_a_rung_holds_no_model_that_another_opened(bench: Bench) -> None:
    bench.once("language model", lambda: "large")
    bench.once("states", lambda: "larger")
    rungs.measure(trial("majority", 1), bench)
    assert not {"language model", "states"} & set(bench.opened)


@pytest.mark.slow
def test_adapters_train_fewer_weights_than_a_fine_tuning(bench: Bench) -> None:
    few, all_ = (rungs.measure(trial(rung, 1, n=20), bench) for rung in ("lora", "finetuned"))
    assert 0 < few["trained_parameters"] < all_["trained_parameters"]  # type: ignore[operator]


@pytest.mark.slow
def test_a_fine_tuning_of_few_messages_writes_nothing_and_takes_the_last_weights(
    bench: Bench,
) -> None:
    found = rungs.measure(trial("finetuned", 1, n=20), bench)
    assert found["best_epoch"] == found["epochs"]
    assert isinstance(found["test"], dict)
    f1 = found["test"]["f1"]
    assert isinstance(f1, float)
    assert f1 > 0.6


# --- Kinds --------------------------------------------------------------------------------------


def test_equal_trials_of_several_experiments_are_one_cell() -> None:
    of_ladder = set(ladder.KIND.cells(SETTINGS, quick=False))
    assert set(confidence.KIND.cells(SETTINGS, quick=False)) <= of_ladder
    assert trial("frozen", 1) in set(drift.KIND.cells(SETTINGS, quick=False)) & of_ladder
    assert trial("frozen", 1) in set(amount.KIND.cells(SETTINGS, quick=False)) & of_ladder
    clean = trial("linear", 1, n=100)
    assert clean in set(quality.KIND.cells(SETTINGS, False)) & set(
        amount.KIND.cells(SETTINGS, False)
    )
    kinds = (ladder.KIND, amount.KIND, quality.KIND, leak.KIND, drift.KIND, confidence.KIND)
    assert all(isinstance(kind, Trials) and kind.modules == Trials.modules for kind in kinds)


def test_cheap_cells_come_first_and_a_quick_run_is_part_of_what_a_whole_one_tries() -> None:
    together: dict[Cell, float] = {}
    for name, module in MODULES.items():
        if name == "facts":
            continue
        kind = kind_in(module)
        whole, quick = (list(kind.cells(SETTINGS, quick)) for quick in (False, True))
        costs = [kind.cost(cell) for cell in whole]
        assert costs == sorted(costs)
        assert 0 < len(quick) <= len(whole)
        together |= {cell: kind.cost(cell) for cell in quick}
        assert len(set(whole)) == len(whole)
    assert sum(together.values()) < 600  # five minutes on two cores


def test_the_ladder_names_its_best_cheap_rung() -> None:
    scores = {"majority": 0.0, "linear": 0.95, "frozen": 0.96, "finetuned": 0.99, "lora": 0.98}
    cells = list(ladder.KIND.cells(SETTINGS, quick=False))
    found = ladder.KIND.values(
        SETTINGS,
        made_up([c for c in cells if c["rung"] in scores], lambda c: scores[str(c["rung"])]),
    )
    assert found["best_cheap"] == "frozen"
    assert "prompted" not in found
    tuned = found["finetuned"]
    assert isinstance(tuned, dict)
    assert f1(tuned["f1"]) == pytest.approx(0.99)


def test_amounts_go_by_their_size_and_all_by_its_number() -> None:
    cells = [c for c in amount.KIND.cells(SETTINGS, False) if c["rung"] in ("linear", "frozen")]
    found = amount.KIND.values(SETTINGS, made_up(cells, lambda c: 0.9))
    assert list(found) == ["10", "20", "50", "100", "200", "500", "1000", "900"]
    row = found["100"]
    assert isinstance(row, dict)
    assert set(row) == {"n", "linear", "frozen"}


def test_the_crossing_is_where_the_planted_loss_meets_the_clean_score() -> None:
    """A loss of 0.4 a share of 1 meets 0.1 less at a share of a quarter."""

    def score(cell: Cell) -> float:
        at = dict(cell.at)
        return 0.96 - 0.4 * float(at["wrong"]) if "wrong" in at else 0.86

    cells = list(quality.KIND.cells(SETTINGS, quick=False))
    found = quality.KIND.values(SETTINGS, made_up(cells, score))
    crossing = found["crossing"]
    assert isinstance(crossing, dict)
    for rung in ("linear", "frozen"):
        sides = crossing[rung]
        assert isinstance(sides, dict)
        assert f1(sides["random"]) == pytest.approx(0.25)


def test_the_interval_of_a_crossing_ends_where_the_difference_may_be_none() -> None:
    """Three seeds, 0.01 apart, around one loss: by hand 4.303 x 0.01 x 0.667 / 0.4 about it."""

    def score(cell: Cell) -> float:
        at = dict(cell.at)
        apart = 0.01 * (cell.seed - 2)
        return 0.96 + apart - 0.4 * float(at["wrong"]) if "wrong" in at else 0.86

    cells = list(quality.KIND.cells(SETTINGS, quick=False))
    crossing = quality.KIND.values(SETTINGS, made_up(cells, score))["crossing"]
    assert isinstance(crossing, dict)
    side = crossing["linear"]
    assert isinstance(side, dict)
    made = side["random"]
    assert isinstance(made, Value)
    half = 4.302653 * 0.01 * (1 / 3 + 1 / 9) ** 0.5 / 0.4
    assert made.low == pytest.approx(0.25 - half, abs=1e-4)
    assert made.high == pytest.approx(0.25 + half, abs=1e-4)


def test_without_a_crossing_none_is_said() -> None:
    cells = list(quality.KIND.cells(SETTINGS, quick=False))
    found = quality.KIND.values(SETTINGS, made_up(cells, lambda c: 0.9))
    assert "crossing" not in found
    assert "clean" in found


def test_copies_in_training_raise_a_score_that_nothing_else_can() -> None:
    """Labels by chance: only who has seen a copy of a message knows its label."""
    chance = random.Random(3)
    texts = [words(8, chance) for _ in range(120)]
    pairs = [(text, chance.randrange(2)) for text in texts]
    items = tuple(Message(text, label) for text, label in pairs for _ in range(2))
    bench = bench_of(Messages(items, 0, 0, tuple(i // 2 for i in range(len(items)))))
    settings = EvidenceSettings(seeds=2, rungs=("linear",))
    outcomes = {c: rungs.measure(c, bench) for c in leak.KIND.cells(settings, quick=False)}
    found = leak.KIND.values(settings, outcomes)
    row = found["linear"]
    assert isinstance(row, dict)
    difference = row["difference"]
    assert isinstance(difference, Value)
    assert difference.low is not None
    assert difference.low > 0.1
    assert f1(row["together"]) > 0.75 > f1(row["apart"])
    assert f1(found["messages"]) > 0.6 * f1(found["test_messages"])


def test_choosing_among_noise_flatters_and_what_is_fresh_says_so() -> None:
    chance = np.random.default_rng(0)
    truth = (chance.random(900) < 0.3).astype(int)
    said = (chance.random((40, 900)) < 0.3).astype(int)
    found = probes.picked(truth.tolist(), said, 100, seed=1)
    assert found["flattery"] > 0.08
    assert found["fresh_after_test"] == pytest.approx(0.3, abs=0.05)
    assert probes.picked(truth.tolist(), np.tile(truth, (40, 1)), 100, 1)["flattery"] == 0


def test_probes_are_tried_on_messages_that_none_has_learned_from(bench: Bench) -> None:
    sets = bench.sets(1)
    known, held_out = probes.parted(bench, sets, 1)
    assert not {m.text for m in known} & {m.text for m in held_out}
    found = picking.KIND.measure(Cell("picking", (("tried", 6),), 1), bench)
    assert found["tried"] == 6


def test_a_temperature_mends_what_is_too_sure_and_the_surest_are_more_often_right() -> None:
    chance = np.random.default_rng(1)
    logits = chance.normal(0, 2, 4000)
    truth = (chance.random(4000) < 1 / (1 + np.exp(-logits))).astype(int)
    likely = 1 / (1 + np.exp(-3 * logits))
    by = calibration.best_temperature(truth, likely)
    assert by == pytest.approx(3, rel=0.15)
    before = calibration.calibration_error(truth, likely)
    assert calibration.calibration_error(truth, calibration.cooled(likely, by)) < before / 2
    whole, half = (calibration.right_of_surest(truth, likely, kept) for kept in (1.0, 0.5))
    assert half > whole + 0.05


def test_added_messages_of_the_second_set_are_seen_in_its_other_half(bench: Bench) -> None:
    """A second set with words of its own for each label: only who has met them knows."""
    chance = random.Random(5)
    own = ("orchard gate", "zebra crossing")
    second = tuple(Message(f"{own[i % 2]} {words(4, chance)}", i % 2) for i in range(60))
    other = bench_of(bench.messages, bench.model.folder, *second)
    settings = EvidenceSettings(seeds=2, rungs=("linear",), sizes=(0, 30))
    outcomes = {c: rungs.measure(c, other) for c in drift.KIND.cells(settings, quick=False)}
    found = drift.KIND.values(settings, outcomes)
    none, some = found["0"], found["30"]
    assert isinstance(none, dict)
    assert isinstance(some, dict)
    assert f1(some["linear"]) > 0.9
    assert f1(none["linear"]) < 0.8
    assert f1(found["always"]) == pytest.approx(2 / 3, abs=0.05)
    assert lessons.halves(second, 1) == lessons.halves(second, 1)
