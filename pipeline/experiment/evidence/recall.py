"""What a language model knows of invented facts: before, after it was taught, and by look-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sklearn.feature_extraction.text import TfidfVectorizer

from pipeline.experiment.evidence.asking import Question, Reply, ask
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Outcome
from pipeline.experiment.evidence.invented import Fact, invented_facts, taught_of
from pipeline.experiment.evidence.teaching import teach
from pipeline.experiment.model.pretrained import (
    LanguageModel,
    generates,
    load_language_model,
    load_tokenizer,
)
from pipeline.problems import TalkError

Arm = Literal["before", "prompt", "tuned"]
Wording = Literal["same", "statement", "question"]
CHOICES = 4  # answers among which the likeliest is chosen

# Two answered questions show how short an answer is to be; each with the sentence it is taken from.
_SHOWN = (
    (
        "The library of Mornford opens at 9:45.",
        "Question: When does the library of Mornford open?\nAnswer: 9:45",
    ),
    (
        "The baker of Tarrowby is called Nella Brindle.",
        "Question: Who bakes the bread of Tarrowby?\nAnswer: Nella Brindle",
    ),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Some facts in one wording, and what was replied."""

    facts: Sequence[int]
    replies: Sequence[Reply]
    right: Sequence[int]  # the place of the right answer among those to choose from


def recall(arm: Arm, of_each: int, seed: int, bench: Bench) -> Outcome:
    """Ask for each fact in each wording; after teaching, other wordings of taught facts alone.

    The outcome has a sign a fact for each wording, in the order of `invented_facts`: 1 right,
    0 wrong, - not asked; `written` for what the model wrote, `chosen` for the likeliest of four.
    """
    model, facts, outcome = _language_model(bench), invented_facts(of_each), Outcome()
    everything = range(len(facts))
    taught: Sequence[int] = everything
    if arm == "tuned":
        taught = [at for at, is_taught in enumerate(taught_of(facts, seed)) if is_taught]
        ended = teach(model, [(facts[at].taught, facts[at].answer) for at in taught], seed)
        outcome |= {"epochs": ended.epochs, "recalled": ended.recalled}
    found: dict[str, _Asked] = {}
    looked_up = 0
    for wording in get_args(Wording):
        which = everything if wording == "same" else taught
        texts = [_worded(facts[at], wording) for at in which]
        if arm == "prompt":
            sources = _look_up(texts, [fact.sentence for fact in facts])
            looked_up += sum(map(int.__eq__, sources, which))
            texts = [
                f"{facts[source].sentence}\n{text}"
                for source, text in zip(sources, texts, strict=True)
            ]
        if wording == "question":
            texts = [_shown(arm == "prompt") + text for text in texts]
        choices = [_choices(facts, at, taught) for at in which]
        asked = [Question(text, some) for text, some in zip(texts, choices, strict=True)]
        right = [some.index(facts[at].answer) for at, some in zip(which, choices, strict=True)]
        found[wording] = _Asked(which, ask(model, asked), right)
    if arm == "prompt":
        outcome["looked_up"] = looked_up
    return outcome | _marks(facts, taught, found)


def _language_model(bench: Bench) -> LanguageModel:
    folder, name = bench.model.folder, bench.model.name
    if not generates(folder):
        message = f"{name} reads texts and continues none: facts can't be asked of it"
        raise TalkError(message, None, "take a language model, or leave this experiment out")
    return load_language_model(folder, load_tokenizer(folder), bench.device)


def _worded(fact: Fact, wording: Wording) -> str:
    if wording == "same":
        return fact.taught
    return fact.asked[0] if wording == "statement" else fact.asked[1]


def _shown(sourced: bool) -> str:
    lead = (f"{sentence}\n{answered}" if sourced else answered for sentence, answered in _SHOWN)
    return "".join(f"{one}\n\n" for one in lead)


def _look_up(texts: Sequence[str], sentences: Sequence[str]) -> list[int]:
    """The sentence that shares most with each text: words, rare ones more (TF-IDF, cosine)."""
    words = TfidfVectorizer().fit(sentences)
    likeness = words.transform(texts) @ words.transform(sentences).T
    return [int(place) for place in likeness.toarray().argmax(1)]


def _choices(facts: Sequence[Fact], at: int, taught: Sequence[int]) -> tuple[str, ...]:
    """The right answer and others of its topic, taught ones beside a taught one, by their text."""
    known = set(taught)
    others = [
        other
        for other in (*range(at + 1, len(facts)), *range(at))
        if facts[other].topic == facts[at].topic
    ]
    others.sort(key=lambda other: (other in known) != (at in known))  # the like first
    return tuple(sorted(facts[one].answer for one in (at, *others[: CHOICES - 1])))


def _marks(facts: Sequence[Fact], taught: Sequence[int], found: dict[str, _Asked]) -> Outcome:
    """Which replies were right; and which were another taught fact's answer."""
    answers = {facts[at].answer for at in taught}

    def signs(asked: _Asked, is_one: Callable[[int, Reply, int], bool]) -> str:
        marked = {
            at: "01"[is_one(at, reply, right)]
            for at, reply, right in zip(asked.facts, asked.replies, asked.right, strict=True)
        }
        return "".join(marked.get(at, "-") for at in range(len(facts)))

    def is_borrowed(at: int, reply: Reply, _: int) -> bool:
        return any(said(one, reply.written) for one in answers - {facts[at].answer})

    return {
        "written": {
            wording: signs(asked, lambda at, reply, _: said(facts[at].answer, reply.written))
            for wording, asked in found.items()
        },
        "chosen": {
            wording: signs(asked, lambda _, reply, right: reply.chosen == right)
            for wording, asked in found.items()
        },
        "borrowed": signs(found["same"], is_borrowed),
        "replies": [reply.written for reply in found["same"].replies],
    }


def said(answer: str, written: str) -> bool:
    """Whether an answer stands in what was written, whole: 6:05 is no part of 16:05."""
    bare = re.escape(answer.lstrip("$").lower())
    return re.search(rf"(?<!\w){bare}(?!\w)", written.lower()) is not None
