"""A kept run's models, ready for single questions: classify, next token, what moved the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.experiment import hub, sources
from pipeline.experiment.data.messages import Labels, clean
from pipeline.experiment.plan import Options, experiment_of
from pipeline.experiment.store import Memory
from pipeline.problems import Source, TalkError
from pipeline.results import Results

Say = Callable[[str], None]
CANDIDATES = 5
MOST_PIECES = 32  # of a text, left out in turn; a longer one is cut into larger pieces
MOST_CHARACTERS = 4000  # several times what the models were trained on; more would take its time
PART = 8  # texts that are read between two looks at who else is waiting


@dataclass(frozen=True, slots=True)
class Said:
    """What one classifier says of a text."""

    label: str
    confidence: float  # probability given to `label`
    positive_probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One text, classified: `tokens` are what the language model reads.

    `beyond` counts the tokens that it is not given, `unread` the characters that no model is.
    """

    said: dict[str, Said]  # "finetuned", "linear", "untrained": those that could be loaded
    tokens: tuple[str, ...]
    beyond: int
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """Leave-one-out: how much less likely the positive label is without each piece of the text."""

    pieces: tuple[tuple[int, int], ...]  # first token, and the one after the last
    changes: tuple[float, ...]  # in the probability of the positive label; above 0: speaks for it
    positive_probability: float  # of the whole text


@dataclass(frozen=True, slots=True)
class Continuations:
    """What the pre-trained model, not fine-tuned, predicts after a text; most likely first."""

    tokens: tuple[str, ...]  # of the text
    candidates: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class LiveModels:
    """One thread at a time. What couldn't be loaded is None, and `missing` says why."""

    labels: Labels
    max_tokens: int
    finetuned: Any  # model.Classifier
    untrained: Any  # model.Classifier, or None
    language: Any  # the pre-trained language model, or None
    linear: Any  # baselines.Linear, or None
    missing: tuple[str, ...] = ()

    def classify(self, text: str) -> Reading:
        """All classifiers on one text, cleaned as the run's data was."""
        from pipeline.experiment.model.pretrained import predict

        whole = clean(text)
        text = whole[:MOST_CHARACTERS]
        ids, beyond = self._ids(text)
        said = {}
        try:
            found, _ = predict(self.finetuned, [ids], _nothing)
            said["finetuned"] = self._said(found[0])
            if self.linear:
                said["linear"] = self._said(self.linear.predict([text])[0][0])
            if self.untrained:
                found, _ = predict(self.untrained, [ids], _nothing)
                said["untrained"] = self._said(found[0])
        finally:
            self._forget()
        return Reading(said, self._shown(ids), beyond, len(whole) - len(text))

    def moved(self, text: str) -> Generator[None, None, Moved]:
        """The fine-tuned model without each piece in turn; yields between parts of the work."""
        from pipeline.experiment.model.pretrained import predict

        ids, _ = self._ids(clean(text)[:MOST_CHARACTERS])
        pieces = pieces_of(len(ids))
        pad = self.finetuned.tokenizer.pad_token_id
        texts = [ids, *([*ids[:start], *ids[end:]] or [pad] for start, end in pieces)]
        found: list[float] = []
        for start in range(0, len(texts), PART):
            try:
                part, _ = predict(self.finetuned, texts[start : start + PART], _nothing)
            finally:
                self._forget()
            found += map(float, part)
            if start + PART < len(texts):
                yield
        whole = found[0]
        return Moved(pieces, tuple(whole - without for without in found[1:]), whole)

    def next(self, text: str) -> Continuations:
        """The likeliest next tokens. Raises TalkError where the pre-trained model isn't there."""
        from pipeline.experiment.model.pretrained import next_log_probabilities

        if self.language is None:
            raise TalkError("the pre-trained model isn't here")
        tokenizer = self.finetuned.tokenizer
        end = text[-MOST_CHARACTERS:]
        ids = list(tokenizer(end)["input_ids"])[-self.max_tokens :] or [tokenizer.pad_token_id]
        device = self.finetuned.device
        found = next_log_probabilities(self.language, [ids], tokenizer.pad_token_id, device)[0]
        top = found.exp().topk(CANDIDATES)
        candidates = tuple(
            (str(tokenizer.decode([token])), float(probability))
            for token, probability in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        )
        return Continuations(self._shown(ids), candidates)

    def _ids(self, text: str) -> tuple[list[int], int]:
        """Token ids as the model was trained to read them, and how many are cut off."""
        tokenizer = self.finetuned.tokenizer
        ids = list(tokenizer(text)["input_ids"]) or [tokenizer.pad_token_id]
        return ids[: self.max_tokens], max(0, len(ids) - self.max_tokens)

    def _shown(self, ids: Sequence[int]) -> tuple[str, ...]:
        return tuple(str(self.finetuned.tokenizer.decode([token])) for token in ids)

    def _said(self, probability: float) -> Said:
        positive = float(probability)
        flagged = positive > 0.5
        label = self.labels.of(flagged)
        return Said(label, positive if flagged else 1 - positive, positive)

    def _forget(self) -> None:
        """Texts that are typed don't come again: nothing of them is kept."""
        for classifier in (self.finetuned, self.untrained):
            if classifier and classifier.lower:
                classifier.lower.states.clear()
                classifier.lower.seconds.clear()


def _nothing(_: float) -> None:
    """No progress is shown for one text."""


def pieces_of(tokens: int) -> tuple[tuple[int, int], ...]:
    """So many tokens in pieces of one size, few enough to be left out one by one."""
    size = -(-tokens // MOST_PIECES) or 1
    return tuple((start, min(start + size, tokens)) for start in range(0, tokens, size))


def load_live_models(
    config: Config, results: Results, cache: Path, say: Say, options: Options | None = None
) -> LiveModels:
    """The models of the run that `results` are of, from the folder that kept it.

    `options` names data and model as for a build. Raises TalkError if the fine-tuned model isn't
    kept here; what else can't be had is left out and said.
    """
    models = load_language_models(config, results, cache, say, options)
    add_linear(models, config, results, cache, say, options)
    # The first text takes twice as long as the next.
    models.classify(" ".join(example.text for example in results.examples))
    return models


def load_language_models(
    config: Config, results: Results, cache: Path, say: Say, options: Options | None = None
) -> LiveModels:
    """Like `load_live_models`, without the linear model, which `add_linear` adds."""
    from pipeline.experiment import machine
    from pipeline.experiment.model import pretrained as language

    experiment, options = experiment_of(config), options or Options()
    folder = cache / "runs" / results.run.id / "model"
    if not sources.whole_safetensors(folder / "model.safetensors"):
        raise TalkError(
            f"the model of run {results.run.id} isn't kept here",
            Source(folder),
            "run `python build.py`, or unpin the run",
        )
    missing: list[str] = []
    with machine.quiet():
        device = machine.prepare_device()
        tokenizer = language.load_tokenizer(folder)
        frozen, seed = results.model.frozen_layers, results.run.seed
        finetuned = language.load_classifier(folder, tokenizer, device, frozen, seed)
        untrained = asked = None
        try:
            base = _pretrained(config, results, cache, options)
            untrained = language.load_classifier(base, tokenizer, device, frozen, seed)
            asked = language.load_language_model(base, device)
            _share(finetuned, untrained, asked)
        except TalkError as error:
            missing.append(error.message)
            say(f"live demo: {error.message}")
    labels = sources.labels_of(experiment.data)
    most = results.training.max_tokens
    return LiveModels(labels, most, finetuned, untrained, asked, None, tuple(missing))


def add_linear(
    models: LiveModels,
    config: Config,
    results: Results,
    cache: Path,
    say: Say,
    options: Options | None = None,
) -> None:
    """Fit the run's linear model again; where its data can't be had, that is said."""
    try:
        models.linear = _linear(config, results, cache, options or Options())
    except TalkError as error:
        models.missing = (*models.missing, error.message)
        say(f"live demo: {error.message}")


def _share(finetuned: Any, untrained: Any, asked: Any) -> None:
    """Weights that training left alone are held once, and so is what they make of a text."""
    import torch

    from pipeline.experiment.model.frozen_layers import detach
    from pipeline.experiment.model.pretrained import attach_again

    classifiers = (finetuned, untrained)
    for classifier in classifiers:
        detach(classifier.model, classifier.lower)
    known = dict(untrained.model.base_model.named_parameters())
    for model in (finetuned.model, asked):
        for name, weights in model.base_model.named_parameters():
            other = known.get(name)
            if other is not None and torch.equal(weights, other):
                weights.data = other.data
    for classifier in classifiers:
        attach_again(classifier)
    if finetuned.lower and untrained.lower:
        untrained.lower.states = finetuned.lower.states
        untrained.lower.seconds = finetuned.lower.seconds


def _pretrained(config: Config, results: Results, cache: Path, options: Options) -> Path:
    """The folder of the model that the run began with. Raises TalkError where it isn't here."""
    memory = Memory.load(cache)
    offline = hub.Reach(False, "it isn't asked for a demo")
    settings = experiment_of(config).model
    found = sources.find_model(settings, options.model, cache, offline, memory.hash_of, _quietly)
    if found.sha256 != results.model.sha256:
        raise TalkError(
            f"{found.name} isn't the pre-trained model of this run ({results.model.name}), "
            "so nothing is asked of an untrained one",
            Source(found.folder),
        )
    return found.folder


def _linear(config: Config, results: Results, cache: Path, options: Options) -> Any:
    """The run's linear model, fitted again. Raises TalkError where its data isn't here."""
    from pipeline.experiment.model.baselines import fit_linear
    from pipeline.experiment.progress import Progress
    from pipeline.experiment.sets import make_sets
    from pipeline.experiment.task import Task

    experiment = experiment_of(config)
    offline = hub.Reach(False, "it isn't asked for a demo")
    data = sources.find_data(config, experiment, options.data, offline, _quietly)
    if data.raw.sha256 != results.data.sha256:
        raise TalkError(
            f"{data.name} isn't the data of this run ({results.data.name}), "
            "so there is no linear model; TALK_DATA names its file"
        )
    folder = cache / "runs" / results.run.id
    asked = Options(quick=results.run.quick)
    unused: Any = None
    task = Task(config, experiment, asked, data, unused, {}, folder)
    sets = make_sets(task, Progress(_quietly))
    train, validation = (
        ([m.text for m in part], [m.positive for m in part])
        for part in (sets.train, sets.validation)
    )
    return fit_linear(train, validation, experiment.seed)


def _quietly(_: str) -> None:
    """The build has said it."""
