"""A made-up run, for tests alone: its numbers were measured by nobody."""

from __future__ import annotations

import dataclasses

from msgspec.structs import replace

from pipeline.measured import Measured
from pipeline.results import (
    SCHEMA,
    Candidate,
    Confusion,
    Data,
    Epoch,
    Evaluation,
    Example,
    LabelScores,
    Leak,
    LogPoint,
    Model,
    NextToken,
    Rate,
    Results,
    Run,
    Score,
    Split,
    Spread,
    Stage,
    Tokenized,
    Training,
    Verdict,
    digest_of,
)


def rate(hits: int, total: int) -> Rate:
    if total == 0:
        return Rate(None, None, None, 0, 0)
    value = hits / total
    return Rate(value, max(0.0, value - 0.02), min(1.0, value + 0.02), hits, total)


def evaluation(name: str, tp: int, fp: int, tn: int, fn: int, fit_seconds: float) -> Evaluation:
    f1 = 2 * tp / (2 * tp + fp + fn)
    return Evaluation(
        name=name,
        how=f"made up: {name}",
        accuracy=rate(tp + tn, tp + fp + tn + fn),
        precision=rate(tp, tp + fp),
        recall=rate(tp, tp + fn),
        f1=score(f1),
        confusion=Confusion(tp, fp, tn, fn),
        fit_seconds=fit_seconds,
        predict_seconds=0.1,
        macro_f1=score((f1 + 2 * tn / (2 * tn + fp + fn)) / 2),
        labels={
            "ham": LabelScores(
                rate(tn, tn + fn), rate(tn, tn + fp), score(2 * tn / (2 * tn + fp + fn))
            ),
            "spam": LabelScores(rate(tp, tp + fp), rate(tp, tp + fn), score(f1)),
        },
        matrix={"ham": {"ham": tn, "spam": fp}, "spam": {"ham": fn, "spam": tp}},
    )


def score(value: float, spread: float = 0.03) -> Score:
    return Score(value, max(0.0, value - spread), min(1.0, value + spread))


def verdict(label: str, confidence: float, expected: str) -> Verdict:
    positive = confidence if label == "spam" else 1 - confidence
    return Verdict(label, confidence, positive, label == expected, {})


def example(
    id_: str, text: str, expected: str, kind: str, label: str, confidence: float
) -> Example:
    return Example(
        id=id_,
        text=text,
        expected=expected,
        kind=kind,
        untrained=verdict("ham", 0.61, expected),
        linear=verdict(expected, 0.88, expected),
        finetuned=verdict(label, confidence, expected),
    )


EXAMPLES = (
    (
        "gift-card",
        "Congratulations! You've won a $1,000 gift card!",
        "spam",
        "talk",
        "spam",
        0.9991,
    ),
    (
        "checking-in",
        "Hey, just wanted to check in and see how you're doing.",
        "ham",
        "talk",
        "ham",
        0.9997,
    ),
    (
        "free-prize",
        "URGENT! Your mobile number has been selected for a free prize!",
        "spam",
        "talk",
        "spam",
        0.9994,
    ),
    (
        "new-number",
        "Hi mum, dropped my phone in the sink. This is my new number, save it and text me back "
        "when you see this x",
        "spam",
        "hard",
        "ham",
        0.982,
    ),
    (
        "parcel-fee",
        "Your parcel is waiting. A small customs fee is due before delivery: parcel-desk.example",
        "spam",
        "hard",
        "spam",
        0.944,
    ),
    (
        "one-time-code",
        "482913 is your one-time code. It expires in 10 minutes. Never share it with anyone.",
        "ham",
        "hard",
        "spam",
        0.717,
    ),
    (
        "free-tickets",
        "FREE tickets!!! Gran won 2 for Saturday's match, call me now if you want one",
        "ham",
        "hard",
        "spam",
        0.903,
    ),
    (
        "job-offer",
        "Hello, I saw your profile. We have a remote job, 2 hours a day, good pay. Are you "
        "interested?",
        "spam",
        "hard",
        "ham",
        0.66,
    ),
    (
        "dentist",
        "Reminder: your appointment is on Tue 14 at 09:30. Reply YES to confirm or call us to "
        "change it.",
        "ham",
        "hard",
        "spam",
        0.58,
    ),
)


def made_up_results(**changes: object) -> Results:
    """A whole Results in the shape of a full run, sealed; keyword arguments replace fields."""
    fields: dict[str, object] = {
        "schema": SCHEMA,
        "run": Run(
            id="madeup01",
            fingerprint={"data": "d" * 64, "model": "m" * 64, "settings": "s", "code": "c"},
            quick=False,
            seed=42,
            started="2026-11-24T12:00:00Z",
            seconds=801.0,
            command="python build.py",
            code_version="test",
            machine="2 cores",
            versions={"torch": "2.13.0", "transformers": "5.24.0"},
            stages=tuple(
                Stage(name, 1.0)
                for name in (
                    "raw data",
                    "clean",
                    "split",
                    "tokenize",
                    "load the pre-trained model",
                    "evaluate the baselines",
                    "fine-tune",
                    "evaluate on the validation set",
                    "evaluate on the test set",
                    "run the inference examples",
                )
            ),
        ),
        "data": Data(
            source="file",
            name="SMS Spam Collection",
            why="TALK_DATA names it",
            sha256="d" * 64,
            licence="CC BY 4.0",
            citation="Almeida et al. 2011",
            messages=5574,
            counts={"ham": 4827, "spam": 747},
            labels=("ham", "spam"),
            positive="spam",
            negative="ham",
            repeated=403,
            groups=5051,
            entities_cleaned=305,
            read=5574,
            train=Split(4459, {"ham": 3861, "spam": 598}),
            validation=Split(557, {"ham": 483, "spam": 74}),
            test=Split(558, {"ham": 483, "spam": 75}),
            random_split_leak=Leak(62, 558, 62 / 558),
            mean_tokens=24.9,
        ),
        "model": Model(
            source="package",
            name="SmolLM2-135M",
            why="the Hub can't be reached",
            sha256="m" * 64,
            licence="Apache-2.0",
            parameters=134515008,
            trainable_parameters=134515008,
            layers=30,
            frozen_layers=0,
            vocabulary=49152,
            kind="causal",
        ),
        "training": Training(
            epochs=3,
            batch_size=16,
            learning_rate=5e-5,
            weight_decay=0.01,
            warmup_share=0.1,
            max_tokens=128,
            precision="bf16",
            device="cpu",
            steps=837,
            seconds=655.0,
            seconds_per_step=0.78,
            messages_per_second=20.5,
            peak_memory_bytes=4_200_000_000,
            best_epoch=2,
            log=tuple(
                LogPoint(s, s / 279, round(0.7 * 0.985**s + 0.01, 4), 5e-5 * (1 - s / 840))
                for s in range(10, 840, 10)
            ),
            history=(
                Epoch(
                    1, 0.12, 0.06, 0.953, 0.97, 0.93, 0.988, Confusion(69, 2, 481, 5), kept=False
                ),
                Epoch(2, 0.03, 0.05, 0.98, 0.98, 0.97, 0.995, Confusion(72, 1, 482, 2), kept=True),
                Epoch(
                    3, 0.01, 0.07, 0.973, 0.97, 0.97, 0.993, Confusion(72, 2, 481, 2), kept=False
                ),
            ),
        ),
        "majority": evaluation("Always ham", 0, 0, 483, 75, 0.0),
        "untrained": dataclasses.replace(
            evaluation("Before training", 10, 115, 368, 65, 0.0),
            spread=Spread("random heads", 2000, 0.11, 0.0, 0.34, "5% and 95%", 0.59),
        ),
        "prompted": evaluation("Asked in a prompt", 40, 190, 293, 35, 0.0),
        "few_shot": dataclasses.replace(
            evaluation("Prompt with eight examples", 65, 9, 474, 10, 0.0),
            examples=208,
            threshold=0.83,
            auc=0.988,
            spread=Spread(
                "draws of eight examples", 3, 0.885, 0.86, 0.91, "lowest and highest", 0.91
            ),
        ),
        "linear": evaluation("TF-IDF + linear model", 70, 0, 483, 5, 0.52),
        "frozen": dataclasses.replace(
            evaluation("Frozen model + linear model", 68, 4, 479, 7, 111.9),
            read_seconds=110.0,
            examples=5016,
            trained_parameters=577,
        ),
        "finetuned": evaluation("Fine-tuned", 70, 3, 480, 5, 655.0),
        "elsewhere": {
            "linear": evaluation("TF-IDF + linear model", 120, 60, 380, 90, 0.52),
            "finetuned": evaluation("Fine-tuned", 130, 50, 390, 80, 655.0),
        },
        "elsewhere_name": "today's messages",
        "predictions": {},
        "comparisons": (),  # what a test replaces above would no longer fit them
        "examples": tuple(example(*row) for row in EXAMPLES),
        "next_tokens": (
            NextToken(
                "The capital of France is",
                " Paris",
                (Candidate(" Paris", 0.773), Candidate(" the", 0.065), Candidate(" London", 0.012)),
                1,
                0.773,
                True,
            ),
            NextToken(
                "The capital of Australia is",
                " Canberra",
                (
                    Candidate(" Sydney", 0.362),
                    Candidate(" Canberra", 0.341),
                    Candidate(" the", 0.041),
                ),
                2,
                0.341,
                False,
            ),
            NextToken(
                "In 1969, the first person to walk on Mars was Neil",
                "",
                (Candidate(" Armstrong", 0.743), Candidate(" K", 0.045), Candidate(" L", 0.024)),
                None,
                None,
                None,
            ),
        ),
        "tokenized": (
            Tokenized("ChatGPT", ("Chat", "GPT")),
            Tokenized("post-training", ("post", "-", "training")),
            Tokenized("hallucination", ("hall", "uc", "ination")),
        ),
    }
    made = Results(**{**fields, **changes})  # type: ignore[arg-type]
    return replace(made, digest=digest_of(made))


def made_up(**changes: object) -> Measured:
    """The same as what a talk has measured, and nothing else."""
    return Measured(made_up_results(**changes))
