"""Many probes on the same messages, and what choosing the best of them flatters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.experiment.data.messages import Message
from pipeline.experiment.data.split import Sets
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.rungs import labels_of, means_of, states_of
from pipeline.experiment.model.frozen import scaled_by
from pipeline.experiment.model.logistic import ON_STATES, on_states

LEARNED_FROM = 1000  # messages; fewer than there are, so that sixty probes are fitted in seconds
DRAWS = 200  # ways to part the messages that are held out
PARTS = ("test", "validation", "fresh")


def probes(
    bench: Bench,
    known: Sequence[Message],
    held_out: Sequence[Message],
    count: int,
    seed: int,
) -> np.ndarray:
    """What so many probes say of messages held out, 1 for the positive label, (probes, messages).

    They differ in layer, in strength, and in which four of five messages they have learned from.
    """
    chance, labels = np.random.default_rng([seed, 5]), labels_of(known)
    ways = [(layer, strength) for layer in states_of(bench).layers for strength in ON_STATES]
    read: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    found = []
    for place in range(count):
        layer, strength = ways[place % len(ways)]
        if layer not in read:
            rows = means_of(bench, layer, known)
            scaled = scaled_by(rows)
            read[layer] = scaled(rows), scaled(means_of(bench, layer, held_out))
        some = chance.permutation(len(known))[: len(known) * 4 // 5]
        rows, others = read[layer]
        model = on_states(strength).fit(rows[some], labels[some])
        found.append(model.predict(others) == bench.labels.positive_place)
    return np.array(found, dtype=int)


def parted(bench: Bench, sets: Sets, seed: int) -> tuple[list[Message], list[Message]]:
    """Training messages to learn from, and one message of each group that they leave."""
    order = np.random.default_rng([seed, 4]).permutation(sets.parts.train)
    learned = order[:LEARNED_FROM].tolist()
    seen_groups = {bench.messages.groups[i] for i in learned}
    left: dict[int, int] = {}
    for i in (*sets.parts.test, *sets.parts.validation, *order[LEARNED_FROM:].tolist()):
        group = bench.messages.groups[i]
        if group not in seen_groups:
            left.setdefault(group, i)
    items = bench.messages.items
    return [items[i] for i in learned], [items[i] for i in left.values()]


def picked(truth: Sequence[int], said: np.ndarray, size: int, seed: int) -> dict[str, float]:
    """Mean F1 of the best probe where it was chosen, and on messages that nothing was chosen on.

    `truth` is 0 or 1, shape (messages,); `said` the same by probe, (probes, messages). The
    messages give three sets of `size` at random, many times over: so only the choosing makes a
    difference between them.
    """
    size, right = min(size, len(truth) // len(PARTS)), np.array(truth)
    chance = np.random.default_rng([seed, 3])
    found = np.zeros((DRAWS, 4))
    for draw in range(DRAWS):
        parts = chance.permutation(len(truth))[: size * len(PARTS)].reshape(len(PARTS), size)
        scores = [_f1s(right[part], said[:, part]) for part in parts]  # each (probes,)
        test, validation, fresh = scores
        by_test, by_validation = int(test.argmax()), int(validation.argmax())
        found[draw] = (
            test[by_test], fresh[by_test], validation[by_validation], fresh[by_validation],
        )  # fmt: skip
    names = ("on_test", "fresh_after_test", "on_validation", "fresh_after_validation")
    means = dict(zip(names, found.mean(0).tolist(), strict=True))
    return {**means, "flattery": means["on_test"] - means["fresh_after_test"]}


def _f1s(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    hits, both = said @ truth, said.sum(1) + truth.sum()
    return np.asarray(np.divide(2 * hits, both, out=np.zeros(len(said)), where=both > 0))
