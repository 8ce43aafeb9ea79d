"""Invented facts: what is taught, what is asked, and what a reply counts as."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from support.tiny_model import make_model

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.asking import LONGEST, Question, Reply, ask
from pipeline.experiment.evidence.bench import Bench
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.invented import TOPICS, invented_facts, taught_of
from pipeline.experiment.evidence.kinds.facts import KIND, QUICK
from pipeline.experiment.evidence.recall import recall, said
from pipeline.experiment.evidence.teaching import Teaching, teach
from pipeline.experiment.machine import Device
from pipeline.experiment.model.pretrained import LanguageModel, load_language_model, load_tokenizer
from pipeline.experiment.sources import ModelFound
from pipeline.measured import Value
from pipeline.problems import TalkError

CPU = Device("cpu", "fp32", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model"), "llama")


@pytest.fixture
def model(folder: Path) -> LanguageModel:
    return load_language_model(folder, load_tokenizer(folder), CPU)


def bench_of(folder: Path) -> Bench:
    """A bench of which a model alone is needed."""
    found = ModelFound("path", "tiny", "", "", folder, "")
    return cast(Bench, type("OfModel", (), {"model": found, "device": CPU}))


@pytest.mark.fast
def test_each_fact_is_one_of_its_kind() -> None:
    """No sentence, name or answer stands twice, and no wording holds its answer."""
    facts = invented_facts(10)
    assert len(facts) == 10 * len(TOPICS)
    for texts in (
        {fact.sentence for fact in facts},
        {fact.answer for fact in facts},
        {text for fact in facts for text in fact.asked},
    ):
        assert len(texts) in (len(facts), 2 * len(facts))
    for fact in facts:
        assert not any(said(fact.answer, text) for text in (fact.taught, *fact.asked))


@pytest.mark.fast
def test_a_seed_teaches_half_of_each_topic() -> None:
    """The other half is the control; another seed teaches others."""
    facts = invented_facts(10)
    one, other = taught_of(facts, 0), taught_of(facts, 1)
    for topic in range(len(TOPICS)):
        of_topic = [at for at, fact in enumerate(facts) if fact.topic == topic]
        assert sum(one[at] for at in of_topic) == 5
    assert one == taught_of(facts, 0) != other


@pytest.mark.fast
@pytest.mark.parametrize(
    ("answer", "written", "right"),
    [
        ("6:05", "6:05.", True),
        ("6:05", "16:05.", False),
        ("$14.20", "it is 14.20 a night", True),
        ("$14.20", "$14.205", False),
        ("Orvel Quorle", "called orvel quorle.", True),
        ("Orvel Quorle", "Orvel Quorley", False),
        ("113", "1130 seats", False),
    ],
)
def test_an_answer_counts_where_it_stands_whole(answer: str, written: str, right: bool) -> None:
    """Capitals and the currency's sign don't matter, more digits or letters do."""
    assert said(answer, written) == right


def test_replies_are_those_of_the_model_asked_alone(model: LanguageModel) -> None:
    """Padding, batches and remembered keys change nothing: each is as if read anew by itself."""
    texts = ("see you", "are we still on for lunch today", "win")
    asked = [Question(text, ("home", "lunch at nine", "a prize")) for text in texts]
    for question, reply in zip(asked, ask(model, asked), strict=True):
        start = list(model.tokenizer(question.text)["input_ids"])
        ids, scores = list(start), list[float]()
        for _ in range(LONGEST):
            ids.append(int(_next(model, ids).argmax()))
        written = str(model.tokenizer.decode(ids[len(start) :], skip_special_tokens=True))
        assert reply.written == (written.strip().splitlines() or [""])[0]
        for answer in question.answers:
            ids, total = list(start), 0.0
            for token in model.tokenizer(f" {answer}", add_special_tokens=False)["input_ids"]:
                total += float(_next(model, ids)[token])
                ids.append(token)
            scores.append(total)
        assert reply.chosen == scores.index(max(scores))


def _next(model: LanguageModel, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.model(input_ids=torch.tensor([ids])).logits[0, -1]
    return found.log_softmax(-1)


def test_what_is_taught_is_recalled_and_ends_the_teaching(model: LanguageModel) -> None:
    """Trained until each sentence's end follows from its beginning, by what it writes too."""
    sentences = [("see you at", "home"), ("free prize for", "lunch")]
    before = ask(model, [Question(begin, ("x", "y")) for begin, _ in sentences])
    assert not any(said(end, one.written) for (_, end), one in zip(sentences, before, strict=True))
    how = Teaching(learning_rate=2e-2, most_epochs=200, frozen_share=0.4)
    taught = teach(model, sentences, 0, how)
    assert taught.recalled == 2
    assert taught.epochs < how.most_epochs
    after = ask(model, [Question(begin, ("x", "y")) for begin, _ in sentences])
    assert all(said(end, one.written) for (_, end), one in zip(sentences, after, strict=True))


def test_a_look_up_puts_the_right_sentence_before_each_wording(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the three wordings stands after the sentence that holds its answer, and last."""
    asked: list[Question] = []

    def note(_: LanguageModel, questions: list[Question]) -> list[Reply]:
        asked.extend(questions)
        return [Reply("", 0)] * len(questions)

    monkeypatch.setattr("pipeline.experiment.evidence.recall.ask", note)
    outcome = recall("prompt", QUICK, 0, bench_of(folder))
    facts = invented_facts(QUICK)
    assert outcome["looked_up"] == len(asked) == 3 * len(facts)
    for at, question in enumerate(asked):
        fact = facts[at % len(facts)]
        sentence, _, wording = question.text.rpartition(f"{fact.sentence}\n")
        assert wording == (fact.taught, *fact.asked)[at // len(facts)]
        assert len(question.answers) == len(set(question.answers)) == 4
        assert fact.answer in question.answers
        assert not said(fact.answer, sentence)


def test_a_cell_is_the_same_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same outcome; what was never taught is asked in one wording alone."""
    default = "pipeline.experiment.evidence.teaching.teach.__defaults__"
    monkeypatch.setattr(default, (Teaching(most_epochs=2),))
    one, again = (recall("tuned", QUICK, 1, bench_of(folder)) for _ in range(2))
    assert one == again
    written: Any = one["written"]
    taught = taught_of(invented_facts(QUICK), 1)
    assert "-" not in written["same"]
    assert [sign == "-" for sign in written["question"]] == [not each for each in taught]


def test_an_encoder_is_told_to_be_none_for_this(tmp_path: Path) -> None:
    """What continues no text is an error of words, no traceback."""
    with pytest.raises(TalkError, match="facts can't be asked of it"):
        recall("before", QUICK, 0, bench_of(make_model(tmp_path, "bert")))


# --- What the cells say together ----------------------------------------------------------------


def outcomes(settings: EvidenceSettings) -> dict[Cell, Outcome]:
    """Made up: nothing known before, all with the text, and after teaching the taught wording."""
    found: dict[Cell, Outcome] = {}
    for cell in KIND.cells(settings, quick=False):
        taught = taught_of(invented_facts(10), cell.seed)
        count, same = len(taught), "".join("01"[one] for one in taught)
        some = "".join("-" if not one else "01"[at % 4 == 0] for at, one in enumerate(taught))
        tuned = {"same": same, "statement": some, "question": some}
        signs: dict[str, Any] = {
            "before": dict.fromkeys(tuned, "0" * count),
            "prompt": dict.fromkeys(tuned, "1" * count),
            "tuned": tuned,
        }
        one = signs[str(cell["arm"])]
        found[cell] = {"written": one, "chosen": one, "borrowed": "1" * count}
        found[cell] |= {"looked_up": 3 * count} if cell["arm"] == "prompt" else {}
        found[cell] |= {"epochs": 10 + cell.seed} if cell["arm"] == "tuned" else {}
    return found


def at(tree: Mapping[str, Any], place: str) -> Value:
    found: Any = tree
    for name in place.split("."):
        found = found[name]
    assert isinstance(found, Value)
    return found


@pytest.mark.fast
def test_each_seed_counts_its_own_facts() -> None:
    """All arms are asked for those that the seed taught; what varies has an interval of seeds."""
    settings = EvidenceSettings(seeds=3)
    tree = KIND.values(settings, outcomes(settings))
    same = at(tree, "tuned.same")
    assert (same.value, same.hits, same.total, same.repeats) == (1.0, 120, 120, (1.0,) * 3)
    assert same.low is not None
    assert same.low < 1.0 == same.high  # of one seed's forty, though all seeds agree
    assert at(tree, "before.other").hits == 0
    assert at(tree, "prompt.other").total == 240
    other = at(tree, "tuned.other")
    assert len(set(other.repeats)) > 1
    assert "Student's t" in other.how
    assert "large" in other.how
    unseen = at(tree, "tuned.unseen")
    assert (unseen.hits, unseen.total) == (0, 120)
    assert at(tree, "borrowed").direction == "down"
    assert at(tree, "taught").value == 40
    assert at(tree, "epochs").value == 11
    assert at(tree, "choice.tuned.unseen").total == 120


@pytest.mark.fast
@pytest.mark.parametrize("arm", ["before", "prompt", "tuned"])
def test_without_an_arm_there_is_nothing_to_compare(arm: str) -> None:
    """Where the cells of an arm failed, the experiment is left out."""
    settings = EvidenceSettings(seeds=2)
    some = {cell: one for cell, one in outcomes(settings).items() if cell["arm"] != arm}
    with pytest.raises(LookupError):
        KIND.values(settings, some)
