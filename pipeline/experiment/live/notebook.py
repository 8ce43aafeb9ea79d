"""A kept run as a notebook shows it: tables, the training's log, own texts, fifty live steps."""

from __future__ import annotations

import functools
import html
import os
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import torch

from pipeline.config import Config, load_config
from pipeline.experiment.data.checked import read_raw
from pipeline.experiment.live.model import (
    KeptRun,
    LiveModels,
    Moved,
    Reading,
    Said,
)
from pipeline.experiment.model.pretrained import encode
from pipeline.experiment.plan import Options, experiment_of
from pipeline.experiment.sources import form_of, sample_path
from pipeline.experiment.store import shown_results
from pipeline.palette import LIGHT
from pipeline.problems import Source, TalkError
from pipeline.results import Evaluation, Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEAD_MESSAGES = 48  # whose lower layers are computed for the live steps: seconds on two cores
HEAD_BATCH = 8


class Table(msgspec.Struct, frozen=True):
    """Rows that a notebook draws."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def _repr_html_(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            inner = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
            return f"<tr>{inner}</tr>"

        body = "".join(row(cells, "td") for cells in self.rows)
        return f'<table style="font-size:150%">{row(self.heads, "th")}{body}</table>'

    def __repr__(self) -> str:
        return "\n".join("  ".join(cells) for cells in (self.heads, *self.rows))


class DemoRun(msgspec.Struct, frozen=True):
    """The run that the slides show, with its models loaded."""

    config: Config
    results: Results
    models: LiveModels
    add_linear: Callable[[], None]  # takes seconds, so it is left until it is asked

    def _classify(self, text: str) -> Reading:
        if self.models.linear is None:
            self.add_linear()
        return self.models.classify(text)

    @property
    def summary(self) -> Table:
        data, model, run = self.results.data, self.results.model, self.results.run
        rows = (
            ("run", run.id + (", quick" if run.quick else "")),
            ("data", f"{data.name}, {data.messages:,} messages"),
            *((label, f"{count:,}") for label, count in data.counts.items()),
            ("model", f"{model.name}, {model.parameters:,} parameters"),
            ("trained", f"{model.trainable_parameters:,} of them, {self._recipe}"),
            ("test messages", f"{data.test.messages:,}, not seen in training"),
        )
        return Table(("", ""), rows)

    @property
    def _recipe(self) -> str:
        model, training = self.results.model, self.results.training
        used = model.used_layers or model.layers
        looks = "the mean of all tokens" if training.pooling == "mean" else "the last token"
        where = f"above {model.frozen_layers} of {used}" if model.frozen_layers else f"in {used}"
        return f"{where} layers; its head sees {looks}"

    @property
    def baseline_table(self) -> Table:
        found = self.results.evaluations
        return _scores([one for name, one in found.items() if name != "finetuned"])

    @property
    def metrics_table(self) -> Table:
        return _scores(list(self.results.evaluations.values()))

    def plot_training(self) -> Figure:
        """Loss by step and F1 by epoch, out of the run's log; a matplotlib Figure."""
        from matplotlib.figure import Figure

        training = self.results.training
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.plot(
            [p.step for p in training.log], [p.loss for p in training.log], color=LIGHT["ink"]
        )
        left.set(title="Training loss", xlabel="step", ylim=(0, None))
        known = [epoch for epoch in training.history if epoch.validation_f1 is not None]
        right.plot(
            [e.epoch for e in known],
            [e.validation_f1 or 0 for e in known],
            "o-",
            color=LIGHT["accent"],
        )
        right.set(title="F1 on the validation set", xlabel="epoch", ylim=(0, 1.03))
        right.set_xticks([epoch.epoch for epoch in training.history])
        return figure

    def examples_table(self) -> Table:
        """The talk's examples, classified now."""
        kinds = ("finetuned", "linear", "frozen", "untrained")
        rows = []
        for example in self.results.examples:
            said = self._classify(example.text).said
            shown = (_said(said.get(kind)) for kind in kinds)
            rows.append((example.text, example.expected, *shown))
        heads = ("text", "right", "fine-tuned", "linear", "frozen", "untrained")
        return Table(heads, tuple(rows))

    def classify(self, text: str) -> Table:
        """A text of one's own."""
        found = self._classify(text)
        rows = tuple((name, _said(said)) for name, said in found.said.items())
        return Table(("model", "says"), (*rows, ("tokens", " | ".join(found.tokens))))

    def moved(self, text: str) -> Table:
        """Leave-one-out: the pieces that the answer hangs on, the strongest first."""
        tokens, found = self.models.classify(text).tokens, _ended(self.models.moved(text))
        pairs = zip(found.pieces, found.changes, strict=True)
        strongest = sorted(pairs, key=lambda pair: -abs(pair[1]))[:8]
        rows = tuple(
            ("".join(tokens[start:end]), f"{change:+.1%} {found.label}")
            for (start, end), change in strongest
        )
        return Table(("left out", "it spoke for"), rows)

    def train_head(self, steps: int = 50) -> Table:
        """Train a new head for some steps on a few of the examples, and show its loss.

        The messages are the sample's, else the talk's own examples. The loaded models stay as
        they are.
        """
        started = time.perf_counter()
        texts, places = self._messages()
        states = self._states(texts)  # (messages, hidden)
        wanted = torch.tensor(places)
        torch.manual_seed(self.results.run.seed)
        head = torch.nn.Linear(states.shape[1], len(self.models.labels.names))
        optimizer = torch.optim.AdamW(head.parameters(), lr=0.02)
        losses = []
        for step in range(steps):
            at = torch.arange(step * HEAD_BATCH, (step + 1) * HEAD_BATCH) % len(texts)
            loss = torch.nn.functional.cross_entropy(head(states[at]), wanted[at])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss))
        shown = range(0, steps, max(1, steps // 10))
        rows = [(f"step {at + 1}", f"loss {losses[at]:.3f}") for at in shown]
        rows.append((f"step {steps}", f"loss {losses[-1]:.3f}"))
        took = f"{time.perf_counter() - started:.1f} s"
        return Table((f"{len(texts)} messages", took), tuple(rows))

    def _messages(self) -> tuple[list[str], list[int]]:
        """As many of each label, in turn."""
        experiment, names = experiment_of(self.config), self.models.labels.names
        path = sample_path(self.config, experiment)
        pairs = [(example.expected, example.text) for example in self.results.examples]
        if path:
            form = replace(form_of(experiment.data), labels=names)
            pairs = list(read_raw(path, form, "it").rows)
        most = HEAD_MESSAGES // len(names)
        # The last label first, as long as each label has one more.
        of = [[text for label, text in pairs if label == name][:most] for name in reversed(names)]
        mixed = [
            (text, len(names) - 1 - at)
            for each in zip(*of, strict=False)
            for at, text in enumerate(each)
        ]
        return [text for text, _ in mixed], [place for _, place in mixed]

    def _states(self, texts: Sequence[str]) -> torch.Tensor:
        """What the pre-trained model makes of each text, pooled as in the run, and normed."""
        language, tokenizer = self.models.language, self.models.finetuned.tokenizer
        if language is None:
            raise TalkError("the pre-trained model isn't here, so there is nothing to train")
        rows, pools = (
            encode(tokenizer, texts, self.models.max_tokens),
            self.results.training.pooling,
        )
        parts = [rows[start : start + HEAD_BATCH] for start in range(0, len(rows), HEAD_BATCH)]
        pooled = [
            state[: len(row)].mean(0) if pools == "mean" else state[len(row) - 1]
            for part in parts
            for row, state in zip(part, language.states(part).float().cpu(), strict=True)
        ]
        states = torch.stack(pooled).clone()  # (messages, hidden)
        return (states - states.mean(0)) / (states.std(0) + 1e-6)


def load_run(root: Path | None = None) -> DemoRun:
    """The run that the last build showed. `root`: the talk's folder; else the one around here.

    The environment says what options said to the build: TALK_DATA, TALK_MODEL, TALK_OUT.
    Raises TalkError where there is no talk, no run, or no model of it.
    """
    config = load_config(root or _root_around(Path.cwd()))
    out = Path(os.environ.get("TALK_OUT", config.root / "out"))
    results = shown_results(config, out)
    options = Options(model=os.environ.get("TALK_MODEL"))
    run = KeptRun(config, results, config.root / ".cache", lambda _: None, options)
    models = run.load_language_models()
    return DemoRun(config, results, models, functools.cache(lambda: run.add_linear(models)))


def _root_around(folder: Path) -> Path:
    for root in (folder, *folder.parents):
        if (root / "talk.toml").is_file():
            return root
    raise TalkError("there is no talk around here", Source(folder), "start it in the talk's folder")


def _scores(rows: Sequence[Evaluation]) -> Table:
    def shown(value: float | None) -> str:
        return "none" if value is None else f"{value:.3f}"

    return Table(
        ("", "examples", "to train", "accuracy", "precision", "recall", "F1"),
        tuple(
            (
                row.name,
                f"{row.examples:,}",
                f"{row.fit_seconds:.1f} s",
                shown(row.accuracy.value),
                *(shown(rate.value if rate else None) for rate in (row.precision, row.recall)),
                shown(row.f1.value),
            )
            for row in rows
        ),
    )


def _ended(steps: Generator[None, None, Moved]) -> Moved:
    """What a generator returns, once it has been gone through."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            moved: Moved = stop.value
            return moved


def _said(said: Said | None) -> str:
    return f"{said.label} {said.confidence:.1%}" if said else "not here"
