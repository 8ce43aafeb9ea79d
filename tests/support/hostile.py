"""Results that mean harm, or are longer than anyone thought: what pictures must bear."""

from __future__ import annotations

import dataclasses

from msgspec.structs import replace

from pipeline.results import Candidate, NextToken, Results, Score, Split
from support.made_up import evaluation, made_up_results

HOSTILE = (
    "<script>alert(1)</script></svg></section>",
    "$1,000 $x^2$ and $\\frac{1}{0}$",
    "😀" * 60,
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "two\nlines\r\nand\ta tab ]]> & \x00\x07 -- <!--",
    "",
    "漢字" * 40,
    "a" * 400,
    "{{ data.messages }} #15171c",
)


def hostile_results() -> Results:
    """One epoch, seven digits, long compounds, undefined scores, messages that mean harm."""
    plain = made_up_results()
    positive, negative = "Rechtsschutzversicherungsbetrug", "Donaudampfschifffahrtsgesellschaft"
    names = {"spam": positive, "ham": negative}
    examples = tuple(
        replace(
            e,
            text=text,
            expected=names[e.expected],
            finetuned=replace(e.finetuned, label=names[e.finetuned.label]),
        )
        for e, text in zip(plain.examples, HOSTILE, strict=True)
    )
    big = evaluation("Feinabgestimmtes Sprachmodell", 1234567, 1234567, 1234567, 1, 99999.0)
    epoch = replace(plain.training.history[0], validation_f1=None, kept=True)
    assert plain.majority
    assert plain.untrained
    return replace(
        plain,
        data=replace(
            plain.data,
            positive=positive,
            negative=negative,
            messages=5234567,
            test=Split(1234567, {positive: 1, negative: 1234566}),
        ),
        examples=examples,
        majority=dataclasses.replace(
            plain.majority, name=f"Always {negative}", f1=Score(None, None, None)
        ),
        untrained=dataclasses.replace(
            plain.untrained, name="Before training, with a new head " * 4
        ),
        finetuned=dataclasses.replace(big, f1=Score(0.99996, 0.9995, 1.0)),
        training=replace(
            plain.training,
            epochs=1,
            steps=3,
            best_epoch=1,
            log=plain.training.log[:1],
            history=(epoch,),
        ),
        next_tokens=(
            NextToken(
                "How <b>many</b> $5 " * 9,
                "Donau",
                (Candidate("\n", 0.9991), Candidate("<i>", 0.0002), Candidate("", 1e-9)),
                57,
                1e-7,
                False,
            ),
        ),
    )
