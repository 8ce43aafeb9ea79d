"""Charts of single cases: messages with the model's confidence, and next-token probabilities."""

from __future__ import annotations

from pipeline.numbers.formats import count, pct
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


def draw_confidences(results: Results) -> Picture:
    """The examples with the fine-tuned model's confidence, right or wrong by shape; 1136 × 400."""
    return _confidences("confidences", chosen(results.examples, MOST), results)


def draw_few_confidences(results: Results) -> Picture:
    """The same for a slide with more on it: at most four; 1136 wide."""
    return _confidences("confidences-few", chosen(results.examples, FEW), results)


def chosen(examples: tuple[Example, ...], most: int) -> tuple[Example, ...]:
    """At most `most` of the examples that talk.toml fixed, in their order: the talk's own first.

    What a model says of them decides nothing, so what is right among them may be counted.
    """
    fixed = [example for example in examples if example.is_fixed]
    kept = sorted(fixed, key=lambda example: example.kind != "talk")[:most]
    return tuple(example for example in fixed if example in kept)


def _confidences(name: str, examples: tuple[Example, ...], results: Results) -> Picture:
    bottom = FIRST_LINE + 8 + PITCH * max(len(examples), 1)
    sheet = chart(name, WIDE, bottom, (*BARS, FIRST_LINE + 8, bottom))
    sheet.caption(0, "message")
    sheet.caption(BARS[0], "what the model says, and how sure it is")
    sheet.axes.set(xlim=(0, 1), ylim=(max(len(examples), 1) - 0.5, -0.5))
    sheet.axes.axis("off")
    for row, example in enumerate(examples):
        _draw_verdict(sheet, example, results, row)
    wrong = sum(not e.finetuned.correct for e in examples)
    said = "; ".join(f"“{one_line(e.text)}” {_verdict(e)} ({_right(e)})" for e in examples)
    desc = f"{len(examples)} messages, {wrong} of them judged wrongly: {said}."
    rows = [("Message", "Really", "The model says", "Confidence", "Right")]
    for e in examples:
        label = one_line(e.finetuned.label)
        rows.append((one_line(e.text), one_line(e.expected), label, _sure(e), _right(e)))
    title = f"Confidence of {one_line(results.finetuned.name)}, message by message"
    return sheet.picture(title, desc, rows)


def _sure(example: Example) -> str:
    return pct(wrap("confidence", example.finetuned.confidence))


def _verdict(example: Example) -> str:
    return f"{one_line(example.finetuned.label)} {_sure(example)}"


def _right(example: Example) -> str:
    return "right" if example.finetuned.correct else "wrong"


def _draw_verdict(sheet: Chart, example: Example, results: Results, row: int) -> None:
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
    room = 1006 - 808 - text_width(f" {_sure(example)}", SMALL, STRONG)
    shown = f"{shortened(one_line(verdict.label), SMALL, room, STRONG)} {_sure(example)}"
    sheet.cell(808, row, shown, weight=STRONG, color=colour)
    sheet.sign(1027, row, correct, INK, f"{_right(example)}-{row}")
    sheet.cell(1048, row, _right(example), weight=REGULAR if correct else STRONG)


def draw_next_token(results: Results, index: int) -> Picture:
    """The candidates after one prompt with their probabilities, the true one marked; 540 × 230."""
    case = results.next_tokens[index]
    rows = _candidates(case)
    names = [shortened(name, SMALL, 190, STRONG) for name, _, _ in rows]
    left = max((text_width(name, SMALL, STRONG) for name in names), default=0) + 18
    right = 480 - text_width("99.9%", SMALL, STRONG) - text_width("wrong", SMALL, STRONG)
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
        shown = pct(wrap("probability", probability))
        x = left + length + 14
        sheet.cell(x, row, shown, weight=weight, color=colour)
        x += text_width(shown, SMALL, weight) + 14
        if mark:
            sheet.sign(x + 9, row, mark == "true", colour)
            sheet.cell(x + 26, row, mark, weight=STRONG, color=colour)
    prompt = one_line(case.prompt)
    said = ", ".join(
        f"“{name}” {pct(wrap('probability', p))}{f' ({m})' if m else ''}" for name, p, m in rows
    )
    table = [("Next token", "Probability", "Mark")]
    table += [(name, pct(wrap("probability", p)), mark or "–") for name, p, mark in rows]
    desc = f"After “{prompt}” the model gives {said or 'nothing'}."
    return sheet.picture(f"Next token after “{prompt}”", desc, table)


def _candidates(case: NextToken) -> list[tuple[str, float, str]]:
    """Name, probability and mark ("true", "wrong" or none) of what is shown for a prompt."""
    rows = [(token_name(c.token), c.probability, "") for c in case.candidates[:5]]
    if not case.truth:
        return rows
    rank = case.truth_rank
    if rank is not None and rank <= len(rows):
        rows[rank - 1] = (*rows[rank - 1][:2], "true")
    elif case.truth_probability is not None:
        place = f" (no. {count(wrap('rank', rank))})" if rank else ""
        rows = [*rows[:4], (token_name(case.truth) + place, case.truth_probability, "true")]
    if rows and case.correct is False and not rows[0][2]:
        rows[0] = (*rows[0][:2], "wrong")
    return rows


def token_name(token: str) -> str:
    """A token as people read it: without its leading space; what can't be seen in words."""
    if token.strip():
        return one_line(token)
    return "(line end)" if "\n" in token else "(space)" if token else "(end)"
