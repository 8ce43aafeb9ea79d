"""A kept run's models, ready for single questions: classify, next token, what moved the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import torch

from pipeline.command import called
from pipeline.config import PACKAGED, Config, Pooling, TrainingSettings
from pipeline.experiment import hub, machine, sources
from pipeline.experiment.data.messages import Labels, clean, clean_all
from pipeline.experiment.data.split import make_sets
from pipeline.experiment.examples import verdict
from pipeline.experiment.heads import NAMES, Head, kept_heads
from pipeline.experiment.model.baselines import Linear, fit_linear
from pipeline.experiment.model.frozen_layers import padded
from pipeline.experiment.model.pretrained import (
    Classifier,
    LanguageModel,
    decode,
    load_classifier,
    load_language_model,
    load_tokenizer,
)
from pipeline.experiment.plan import Options, experiment_of
from pipeline.experiment.store import MODEL, Memory, kept_training
from pipeline.problems import Source, TalkError
from pipeline.results import Results

Say = Callable[[str], None]
NOT_ASKED = hub.Reach(False, "it isn't asked for a demo")
CANDIDATES = 5
MOST_PIECES = 32  # of a text, left out in turn; a longer one is cut into larger pieces
MOST_CHARACTERS = 4000  # several times what the models were trained on; more would take its time
PART = 8  # texts that are read between two looks at who else is waiting


class Said(msgspec.Struct, frozen=True):
    """What one classifier says of a text."""

    label: str
    confidence: float  # probability given to `label`
    positive_probability: float | None  # None where no label is positive


class Reading(msgspec.Struct, frozen=True):
    """One text, classified: `tokens` are what the language model reads.

    `beyond` counts the tokens that it is not given, `unread` the characters that no model is.
    """

    # "finetuned", "linear", "frozen", "untrained": those that could be loaded.
    said: dict[str, Said]
    tokens: tuple[str, ...]
    beyond: int
    unread: int = 0


class Moved(msgspec.Struct, frozen=True):
    """Leave-one-out: how much less likely a label is without each piece of the text."""

    label: str  # the positive one; where none is, the one that is said of the whole text
    pieces: tuple[tuple[int, int], ...]  # first token, and the one after the last
    changes: tuple[float, ...]  # in the label's probability; above 0: speaks for it
    probability: float  # of the label, for the whole text


class Continuations(msgspec.Struct, frozen=True):
    """What the pre-trained model, not fine-tuned, predicts after a text; most likely first."""

    tokens: tuple[str, ...]  # of the text
    candidates: tuple[tuple[str, float], ...]


class AsItCame(msgspec.Struct, frozen=True):
    """The pre-trained model's body, and the heads on its states that the run has measured."""

    body: Classifier
    heads: Mapping[str, Head]  # "frozen", "untrained"

    def predict(self, ids: Sequence[int]) -> dict[str, np.ndarray]:
        """Each label's probability by each head, from one reading of a text."""
        pad = self.body.tokenizer.pad_token_id
        rows, mask = padded([ids], pad, self.body.device)
        with torch.inference_mode(), machine.autocast(self.body.device):
            given = self.body.model.base_model(
                input_ids=rows, attention_mask=mask, output_hidden_states=True
            )
        after = [state[0].float().cpu().numpy() for state in given.hidden_states]
        found = {}
        for name, head in self.heads.items():
            states = after[head.layer]  # (tokens, hidden)
            seen = states.mean(0) if head.pooling == "mean" else states[-1]
            found[name] = head.predict(seen[None])[0]
        return found


class LiveModels(msgspec.Struct):
    """One thread at a time. What couldn't be loaded is None, and `missing` says why."""

    labels: Labels
    max_tokens: int
    finetuned: Classifier
    as_it_came: AsItCame | None
    language: LanguageModel | None  # the pre-trained model
    linear: Linear | None
    missing: tuple[str, ...] = ()

    def classify(self, text: str) -> Reading:
        """All classifiers on one text, cleaned as the run's data was."""
        whole = clean(text)
        text = whole[:MOST_CHARACTERS]
        ids, beyond = self._ids(text)
        try:
            rows = {"finetuned": _predict(self.finetuned, [ids])[0]}
            if self.linear:
                rows["linear"] = self.linear.predict([text])[0][0]
            if self.as_it_came:
                rows |= self.as_it_came.predict(ids)
        finally:
            self._forget()
        said = {name: self._said(row) for name, row in rows.items()}
        return Reading(said, self._shown(ids), beyond, len(whole) - len(text))

    def moved(self, text: str) -> Generator[None, None, Moved]:
        """The fine-tuned model without each piece in turn; yields between parts of the work."""
        ids, _ = self._ids(clean(text)[:MOST_CHARACTERS])
        pieces = pieces_of(len(ids))
        pad = self.finetuned.tokenizer.pad_token_id
        texts = [ids, *([*ids[:start], *ids[end:]] or [pad] for start, end in pieces)]
        found: list[np.ndarray] = []  # each label's probability
        for start in range(0, len(texts), PART):
            if start:
                yield
            try:
                found.extend(_predict(self.finetuned, texts[start : start + PART]))
            finally:
                self._forget()
        names, positive = self.labels.names, self.labels.positive
        at = names.index(positive) if positive else int(found[0].argmax())
        whole, *without = (float(row[at]) for row in found)
        return Moved(names[at], pieces, tuple(whole - each for each in without), whole)

    def next(self, text: str) -> Continuations:
        """The likeliest next tokens. Raises TalkError where the pre-trained model isn't there."""
        if self.language is None:
            raise TalkError("the pre-trained model isn't here, or it continues no texts")
        tokenizer = self.finetuned.tokenizer
        end = text[-MOST_CHARACTERS:]
        ids = list(tokenizer(end)["input_ids"])[-self.max_tokens :] or [tokenizer.pad_token_id]
        top = self.language.next_log_probabilities([ids])[0].exp().topk(CANDIDATES)
        candidates = tuple(
            (decode(tokenizer, [token]), float(probability))
            for token, probability in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        )
        return Continuations(self._shown(ids), candidates)

    def _ids(self, text: str) -> tuple[list[int], int]:
        """Token ids as the model was trained to read them, and how many are cut off."""
        tokenizer = self.finetuned.tokenizer
        ids = list(tokenizer(text)["input_ids"]) or [tokenizer.pad_token_id]
        return ids[: self.max_tokens], max(0, len(ids) - self.max_tokens)

    def _shown(self, ids: Sequence[int]) -> tuple[str, ...]:
        return tuple(decode(self.finetuned.tokenizer, [token]) for token in ids)

    def _said(self, row: np.ndarray) -> Said:
        """What each label's probability comes to."""
        found = verdict(row, 0, self.labels)
        return Said(found.label, found.confidence, found.positive_probability)

    def _forget(self) -> None:
        """Texts that are typed don't come again: nothing of them is kept."""
        if self.finetuned.shortcut:
            self.finetuned.shortcut.forget()


def _predict(classifier: Classifier, sequences: Sequence[list[int]]) -> np.ndarray:
    return classifier.predict(sequences, lambda _: None)[0]


def pieces_of(tokens: int) -> tuple[tuple[int, int], ...]:
    """So many tokens in pieces of one size, few enough to be left out one by one."""
    size = -(-tokens // MOST_PIECES) or 1
    return tuple((start, min(start + size, tokens)) for start in range(0, tokens, size))


class KeptRun(msgspec.Struct, frozen=True):
    """A run whose models are asked for; `options` names data and model as for a build."""

    config: Config
    results: Results
    cache: Path
    say: Say  # is told what can't be had
    options: Options

    def load_language_models(self) -> LiveModels:
        """The fine-tuned model, and the one that it was; without the linear model.

        Raises TalkError if the fine-tuned model isn't kept here.
        """
        results, missing = self.results, list[str]()
        run = self.cache / "runs" / results.run.id
        trained = kept_training(run)
        if trained is None or trained.training != results.training:
            raise TalkError(
                f"the model of run {results.run.id} isn't kept here as it was trained",
                Source(run / MODEL),
                f"run `{called()}`, or unpin the run",
            )
        with machine.quiet():
            device = machine.prepare_device()
            tokenizer = load_tokenizer(run / MODEL)
            shape, more = _shape(results), (results.run.seed, len(results.data.labels))
            finetuned = load_classifier(run / MODEL, tokenizer, device, shape, *more)
            as_it_came = language = None
            try:
                base, heads = self._pretrained(), self._heads(run, missing)
                if heads:
                    # With no layer frozen it shows the states after each one.
                    plain = replace(shape, frozen_layers=0)
                    body = load_classifier(base, tokenizer, device, plain, *more)
                    as_it_came = AsItCame(body, heads)
                if results.model.kind == "causal":
                    language = load_language_model(base, tokenizer, device)
            except TalkError as error:
                missing.append(error.message)
            _share(finetuned, as_it_came, language)
        for message in missing:
            self.say(f"live demo: {message}")
        labels = labels_of_run(results)
        most = results.training.max_tokens
        return LiveModels(labels, most, finetuned, as_it_came, language, None, tuple(missing))

    def add_linear(self, models: LiveModels) -> None:
        """Fit the run's linear model again; where its data can't be had, that is said."""
        try:
            models.linear = self._linear()
        except TalkError as error:
            models.missing = (*models.missing, error.message)
            self.say(f"live demo: {error.message}")

    def _heads(self, run: Path, missing: list[str]) -> dict[str, Head]:
        """Those that the run was measured with; which are gone is added to `missing`."""
        found, rungs = kept_heads(run, self.results), self.results.evaluations
        gone = [f"“{rungs[name].name}”" for name in NAMES if name in rungs and name not in found]
        if gone:
            missing.append(f"{' and '.join(gone)} of this run can't be asked: it wasn't kept")
        return found

    def _pretrained(self) -> Path:
        """The folder of the model that the run began with. Raises TalkError where it isn't here."""
        settings, hash_of = experiment_of(self.config).model, Memory.load(self.cache).hash_of
        named, began_with = self.options.model, self.results.model
        if began_with.source == "package":
            named = named or PACKAGED  # whatever the Hub has
        found = sources.find_model(settings, named, self.cache, NOT_ASKED, hash_of, _quietly)
        if found.sha256 != began_with.sha256:
            raise TalkError(
                f"{found.name} isn't the pre-trained model of this run ({began_with.name}), "
                "so nothing is asked of an untrained one",
                Source(found.folder),
            )
        return found.folder

    def _linear(self) -> Linear:
        experiment, run = experiment_of(self.config), self.results.run
        data = sources.find_data(self.config, experiment, self.options.data, NOT_ASKED, _quietly)
        if data.raw.sha256 != self.results.data.sha256:
            raise TalkError(
                f"{data.name} isn't the data of this run ({self.results.data.name}), "
                "so there is no linear model; TALK_DATA names its file"
            )
        sets = make_sets(clean_all(data.raw, data.labels), experiment.seed)
        if run.quick:
            quick = experiment.quick
            sets = sets.at_most(experiment.seed, quick.train, quick.validation)
        return fit_linear(sets.train, sets.validation, data.labels, experiment.seed)


def load_live_models(
    config: Config, results: Results, cache: Path, say: Say, options: Options | None = None
) -> LiveModels:
    """The models of the run that `results` are of, ready for a first text.

    Raises TalkError if the fine-tuned model isn't kept here; what else can't be had is left out
    and said.
    """
    run = KeptRun(config, results, cache, say, options or Options())
    models = run.load_language_models()
    run.add_linear(models)
    # The first text takes twice as long as the next.
    models.classify(" ".join(example.text for example in results.examples))
    return models


def labels_of_run(results: Results) -> Labels:
    return Labels(results.data.labels, results.data.positive)


def _shape(results: Results) -> TrainingSettings:
    """How a run's classifier is built; what adapters learned is part of its weights."""
    pooling: Pooling = "mean" if results.training.pooling == "mean" else "last"
    return TrainingSettings(
        frozen_layers=results.model.frozen_layers,
        used_layers=results.model.used_layers,
        pooling=pooling,
    )


def _share(
    finetuned: Classifier, as_it_came: AsItCame | None, language: LanguageModel | None
) -> None:
    """Weights that training left alone are held once."""
    others = (as_it_came.body.model if as_it_came else None, language.model if language else None)
    known: dict[str, list[torch.Tensor]] = {}
    with finetuned.whole():
        for model in filter(None, (finetuned.model, *others)):
            for name, weights in model.base_model.named_parameters():
                same = known.setdefault(name, [])
                held = next((one for one in same if torch.equal(one, weights)), None)
                if held is not None:
                    weights.data = held.data
                else:
                    same.append(weights)


def _quietly(_: str) -> None:
    """The build has said it."""
