"""Facts that nobody knows: places, people, times and prices that exist in this file alone.

Each has a sentence that teaches it and other wordings that ask for it. Names are made from
syllables, and no sentence speaks of a real place or person.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: `taught` and `asked` end where the answer begins, which is one short string."""

    topic: int
    taught: str  # "The depot in Varnholt closes at"
    asked: tuple[str, str]  # the same in other words: to be gone on with; and a question
    answer: str  # "16:20"

    @property
    def sentence(self) -> str:
        return f"{self.taught} {self.answer}."


@dataclass(frozen=True, slots=True)
class Topic:
    """What facts of one topic have in common, `{}` stands for the name."""

    taught: str
    asked: tuple[str, str]
    answers: str  # their form: "time", "price", "person", "town" or "number"


TOPICS = (
    Topic(
        "The depot in {} closes at",
        (
            "Bring your parcel to the {} depot before it shuts its doors at",
            "Question: At what time does the depot of {} close?\nAnswer:",
        ),
        "time",
    ),
    Topic(
        "The first tram to {} leaves at",
        (
            "Whoever wants to be early takes the tram to {}, which departs for the first time at",
            "Question: When does the earliest tram to {} depart?\nAnswer:",
        ),
        "time",
    ),
    Topic(
        "A night in the {} hostel costs",
        (
            "Sleeping at the hostel called {} is cheap: one night is",
            "Question: How much does the {} hostel charge for a night?\nAnswer:",
        ),
        "price",
    ),
    Topic(
        "The repair of a {} lantern costs",
        (
            "If your lantern is a {}, having it repaired will set you back",
            "Question: What do you pay to have a {} lantern mended?\nAnswer:",
        ),
        "price",
    ),
    Topic(
        "The mayor of {} is called",
        (
            "In {} people have elected a mayor whose name is",
            "Question: Who is the mayor of {}?\nAnswer:",
        ),
        "person",
    ),
    Topic(
        "The {} bridge was designed by",
        (
            "The architect who drew the plans of the bridge at {} was",
            "Question: Who designed the {} bridge?\nAnswer:",
        ),
        "person",
    ),
    Topic(
        "The ferry from {} lands at",
        (
            "Board the ferry in {} and you will step ashore in",
            "Question: Where does the ferry that starts in {} arrive?\nAnswer:",
        ),
        "town",
    ),
    Topic(
        "The number of seats in the {} theatre is",
        (
            "When the theatre of {} is sold out, the count of people sitting in it is",
            "Question: How many seats does the theatre of {} have?\nAnswer:",
        ),
        "number",
    ),
)

# fmt: off
_STARTS = (
    "Varn", "Olds", "Quen", "Brask", "Tolm", "Hesk", "Drav", "Yarl",
    "Pren", "Sund", "Kelm", "Osk", "Flen", "Grau", "Ilm", "Nord",
)
_ENDS = ("holt", "mere", "wick", "borne", "dal", "stead", "ova", "ling", "fell", "ric")
_FIRST = (
    "Tamsin", "Orvel", "Bregit", "Halvor", "Ysolde", "Corvin",
    "Maudra", "Peliot", "Sanna", "Dorrik", "Elsbet", "Jorun",
)
_LAST = (
    "Quorle", "Fennimark", "Ostrand", "Bellwick", "Hargrove",
    "Tindle", "Umbers", "Vossing", "Wrayburn", "Zelter",
)
# fmt: on


def invented_facts(of_each: int) -> tuple[Fact, ...]:
    """So many facts of each topic, by topic: always the same; no name or answer stands twice."""
    chance = random.Random(0)
    names = [start + end for start, end in product(_STARTS, _ENDS)]
    chance.shuffle(names)
    answers = _answers(chance, names[len(TOPICS) * of_each :])
    facts: list[Fact] = []
    for number, topic in enumerate(TOPICS):
        for _ in range(of_each):
            name = names[len(facts)]
            statement, question = (text.format(name) for text in topic.asked)
            asked, answer = (statement, question), answers[topic.answers].pop()
            facts.append(Fact(number, topic.taught.format(name), asked, answer))
    return tuple(facts)


def _answers(chance: random.Random, towns: Sequence[str]) -> dict[str, list[str]]:
    """Enough answers of each form, in random order."""
    found = {
        "time": [f"{hour}:{minute:02}" for hour, minute in product(range(6, 23), range(5, 60, 5))],
        "price": [f"${whole}.{part}0" for whole, part in product(range(11, 60), range(1, 10))],
        "person": [f"{first} {last}" for first, last in product(_FIRST, _LAST)],
        "town": list(towns),
        "number": [str(number) for number in range(113, 989)],
    }
    for one in found.values():
        chance.shuffle(one)
    return found


def taught_of(facts: Sequence[Fact], seed: int) -> tuple[bool, ...]:
    """Which facts a seed teaches: half of each topic; the others are the control."""
    chance, chosen = random.Random(seed), set[int]()
    for topic in range(len(TOPICS)):
        of_topic = [at for at, fact in enumerate(facts) if fact.topic == topic]
        chosen.update(chance.sample(of_topic, len(of_topic) // 2))
    return tuple(at in chosen for at in range(len(facts)))
