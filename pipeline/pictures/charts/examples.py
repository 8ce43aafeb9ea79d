"""Charts of single cases: messages with the model's confidence, and next-token probabilities."""

from __future__ import annotations

from pipeline.locale import ENGLISH, Locale
from pipeline.numbers.localized import formats_of
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.style import FIRST_LINE, WIDE, Chart, chart, part
from pipeline.pictures.picture import Picture
from pipeline.pictures.text import one_line, shortened, text_width
from pipeline.pictures.theme import (
    INK,
    LINE,
    MYTH,
    NEGATIVE,
    POSITIVE,
    REALITY,
    REGULAR,
    SMALL,
    SOFT,
    STROKE,
    STRONG,
)
from pipeline.results import Example, NextToken, Results

MOST = 8  # rows that a slide holds
FEW = 4
PITCH = 44.0  # px, from row to row
BARS = (626.0, 790.0)  # px: where the confidence bars stand


def draw_confidences(results: Results, locale: Locale = ENGLISH) -> Picture:
    """The examples with the fine-tuned model's confidence, right or wrong by shape; 1136 × 400."""
    return _confidences("confidences", chosen(results.examples, MOST), results, locale)


def draw_few_confidences(results: Results, locale: Locale = ENGLISH) -> Picture:
    """The same for a slide with more on it: at most four; 1136 wide."""
    return _confidences("confidences-few", chosen(results.examples, FEW), results, locale)


def chosen(examples: tuple[Example, ...], most: int) -> tuple[Example, ...]:
    """At most `most` of the examples that talk.toml fixed, in their order: the talk's own first.

    What a model says of them decides nothing, so what is right among them may be counted.
    """
    fixed = [example for example in examples if example.is_fixed]
    kept = sorted(fixed, key=lambda example: example.kind != "talk")[:most]
    return tuple(example for example in fixed if example in kept)


def _confidences(
    name: str, examples: tuple[Example, ...], results: Results, locale: Locale
) -> Picture:
    bottom = FIRST_LINE + 8 + PITCH * max(len(examples), 1)
    sheet = chart(name, WIDE, bottom, (*BARS, FIRST_LINE + 8, bottom))
    sheet.caption(0, locale.say("message"))
    sheet.caption(BARS[0], locale.say("what the model says, and how sure it is"))
    sheet.axes.set(xlim=(0, 1), ylim=(max(len(examples), 1) - 0.5, -0.5))
    sheet.axes.axis("off")
    for row, example in enumerate(examples):
        _draw_verdict(sheet, example, results, row, locale)
    title = locale.say(
        "Confidence of {name}, message by message", name=one_line(results.finetuned.name)
    )
    return sheet.picture(title, _verdicts_said(examples, locale), _verdict_rows(examples, locale))


def _verdicts_said(examples: tuple[Example, ...], locale: Locale) -> str:
    return locale.say(
        "{count} messages, {wrong} of them judged wrongly: {verdicts}.",
        count=len(examples),
        wrong=sum(not e.finetuned.correct for e in examples),
        verdicts="; ".join(
            f"“{one_line(e.text)}” {one_line(e.finetuned.label)} {_sure(e, locale)} "
            f"({_right(e, locale)})"
            for e in examples
        ),
    )


def _verdict_rows(examples: tuple[Example, ...], locale: Locale) -> list[tuple[str, ...]]:
    head = (locale.say("Message"), locale.say("Really"), locale.say("The model says"))
    rows: list[tuple[str, ...]] = [(*head, locale.say("Confidence"), locale.say("Right"))]
    for e in examples:
        said = (one_line(e.text), one_line(e.expected), one_line(e.finetuned.label))
        rows.append((*said, _sure(e, locale), _right(e, locale)))
    return rows


def _sure(example: Example, locale: Locale) -> str:
    return _share(example.finetuned.confidence, locale)


def _share(share: float, locale: Locale) -> str:
    return str(formats_of(locale)["pct"](wrap("share", share)))


def _right(example: Example, locale: Locale) -> str:
    # In small letters `right` is where something lies, which is another word in other languages.
    return locale.say("Right").lower() if example.finetuned.correct else locale.say("wrong")


def _draw_verdict(
    sheet: Chart, example: Example, results: Results, row: int, locale: Locale
) -> None:
    """One row. A right verdict is a filled bar and ✓, a wrong one an open bar and ✗."""
    verdict, correct = example.finetuned, example.finetuned.correct
    colour = POSITIVE if verdict.label == results.data.positive else NEGATIVE
    sheet.cell(0, row, shortened(f"“{one_line(example.text)}”", SMALL, BARS[0] - 26))
    sheet.axes.hlines(row + 0.3, 0, 1, color=LINE, linewidth=STROKE)
    inside = STROKE / 2  # an open bar's edge stays within its length
    edge = inside / (BARS[1] - BARS[0])
    sheet.axes.barh(
        row,
        verdict.confidence - (0 if correct else 2 * edge),
        left=0 if correct else edge,
        height=(20 if correct else 20 - 2 * inside) / PITCH,
        facecolor=colour if correct else "none",
        edgecolor="none" if correct else colour,
        linewidth=0 if correct else STROKE,
        gid=part(f"confidence-{row}"),
    )
    sure = _sure(example, locale)
    room = 1006 - 808 - text_width(f" {sure}", SMALL, STRONG)
    shown = f"{shortened(one_line(verdict.label), SMALL, room, STRONG)} {sure}"
    sheet.cell(808, row, shown, weight=STRONG, color=colour)
    sheet.sign(1027, row, correct, INK, f"{'right' if correct else 'wrong'}-{row}")
    sheet.cell(1048, row, _right(example, locale), weight=REGULAR if correct else STRONG)


def draw_next_token(results: Results, index: int, locale: Locale = ENGLISH) -> Picture:
    """The candidates after one prompt with their probabilities, the true one marked; 540 × 230."""
    case = results.next_tokens[index]
    rows = _candidates(case, locale)
    marks = {"true": locale.say("true"), "wrong": locale.say("wrong")}
    names = [shortened(name, SMALL, 190, STRONG) for name, _, _ in rows]
    left = max((text_width(name, SMALL, STRONG) for name in names), default=0) + 18
    right = 480 - text_width(_share(0.999, locale), SMALL, STRONG)
    right -= text_width(marks["wrong"], SMALL, STRONG)
    most = max(len(rows), 1)
    sheet = chart(f"next-token-{index + 1}", 540, 46 * most, (left, right, 0, 46 * most))
    # One scale for all prompts: the likeliest token of the run is as long as there is room.
    likeliest = max([c.probability for n in results.next_tokens for c in n.candidates], default=1)
    sheet.axes.set(xlim=(0, likeliest), ylim=(most - 0.5, -0.5))
    sheet.axes.axis("off")
    for row, (name, (_, probability, mark)) in enumerate(zip(names, rows, strict=True)):
        colour = {"true": REALITY, "wrong": MYTH}.get(mark, INK if row == 0 else SOFT)
        weight = STRONG if mark or row == 0 else REGULAR
        sheet.cell(left - 18, row, name, weight=weight, color=colour, ha="right")
        length = max((right - left) * probability / likeliest, 2)
        wide = length / (right - left) * likeliest
        sheet.axes.barh(row, wide, 22 / 46, color=colour, gid=part(f"token-{row}"))
        shown = _share(probability, locale)
        x = left + length + 14
        sheet.cell(x, row, shown, weight=weight, color=colour)
        x += text_width(shown, SMALL, weight) + 14
        if mark:
            sheet.sign(x + 9, row, mark == "true", colour)
            sheet.cell(x + 26, row, marks[mark], weight=STRONG, color=colour)
    prompt = one_line(case.prompt)
    said = locale.say(", ").join(
        f"“{name}” {_share(p, locale)}{f' ({marks[m]})' if m else ''}" for name, p, m in rows
    )
    table = [(locale.say("Next token"), locale.say("Probability"), locale.say("Mark"))]
    table += [(name, _share(p, locale), marks.get(mark, "–")) for name, p, mark in rows]
    desc = locale.say(
        "After “{prompt}” the model gives {tokens}.",
        prompt=prompt,
        tokens=said or locale.say("nothing"),
    )
    title = locale.say("Next token after “{prompt}”", prompt=prompt)
    return sheet.picture(title, desc, table)


def _candidates(case: NextToken, locale: Locale) -> list[tuple[str, float, str]]:
    """Name, probability and mark ("true", "wrong" or none) of what is shown for a prompt."""
    rows = [(token_name(c.token, locale), c.probability, "") for c in case.candidates[:5]]
    if not case.truth:
        return rows
    rank = case.truth_rank
    if rank is not None and rank <= len(rows):
        rows[rank - 1] = (*rows[rank - 1][:2], "true")
    elif case.truth_probability is not None:
        place = f" ({locale.say('no. {rank}', rank=locale.integer(rank))})" if rank else ""
        name = token_name(case.truth, locale) + place
        rows = [*rows[:4], (name, case.truth_probability, "true")]
    if rows and case.correct is False and not rows[0][2]:
        rows[0] = (*rows[0][:2], "wrong")
    return rows


def token_name(token: str, locale: Locale = ENGLISH) -> str:
    """A token as people read it: without its leading space; what can't be seen in words."""
    if token.strip():
        return one_line(token)
    if "\n" in token:
        return locale.say("(line end)")
    return locale.say("(space)") if token else locale.say("(end)")
