"""Charts of single cases: messages with the model's confidence, and next-token probabilities."""

from __future__ import annotations

from pipeline.numbers.formats import count, pct
from pipeline.numbers.values import wrap
from pipeline.pictures.charts.canvas import Canvas
from pipeline.pictures.picture import Picture
from pipeline.pictures.theme import (
    INK,
    LINE,
    MYTH,
    NEGATIVE,
    POSITIVE,
    REALITY,
    SMALL,
    SOFT,
    STRONG,
    one_line,
    shortened,
    text_width,
)
from pipeline.results import Example, NextToken, Results

MOST = 8  # rows that a slide holds
FEW = 4
BARS = 626.0  # where the confidence bars begin


def draw_confidences(results: Results) -> Picture:
    """The examples with the fine-tuned model's confidence, right or wrong by shape; 1136 × 400."""
    return _confidences("confidences", chosen(results.examples, MOST), results)


def draw_few_confidences(results: Results) -> Picture:
    """The same for a slide with more on it: the talk's own examples and one more; 1136 wide."""
    return _confidences("confidences-few", chosen(results.examples, FEW), results)


def chosen(examples: tuple[Example, ...], most: int) -> tuple[Example, ...]:
    """At most `most` examples in their order: the talk's own, the wrong ones, then the rest.

    If any is wrong, one of the wrong ones is always among them.
    """

    def rank(example: Example) -> int:
        return 0 if example.kind == "talk" else 1 if not example.finetuned.correct else 2

    kept = sorted(examples, key=rank)[:most]
    wrong = [e for e in examples if not e.finetuned.correct]
    if kept and wrong and all(e.finetuned.correct for e in kept):
        kept[-1] = wrong[0]
    return tuple(e for e in examples if e in kept)


def _confidences(name: str, examples: tuple[Example, ...], results: Results) -> Picture:
    pitch, top = 44.0, 44.0
    canvas = Canvas(name, 1136, top + pitch * max(len(examples), 1))
    canvas.caption(0, 18, "message")
    canvas.caption(BARS, 18, "what the model says, and how sure it is")
    for row, example in enumerate(examples):
        _draw_verdict(canvas, example, results, row, top + pitch * (row + 0.5))
    wrong = sum(not e.finetuned.correct for e in examples)
    said = "; ".join(
        f"“{one_line(e.text)}” {_verdict(e)} ({'right' if e.finetuned.correct else 'wrong'})"
        for e in examples
    )
    desc = f"{len(examples)} messages, {wrong} of them judged wrongly: {said}."
    rows = [("Message", "Really", "The model says", "Confidence", "Right")]
    rows += [
        (
            one_line(e.text),
            one_line(e.expected),
            one_line(e.finetuned.label),
            pct(wrap("confidence", e.finetuned.confidence)),
            "right" if e.finetuned.correct else "wrong",
        )
        for e in examples
    ]
    title = f"Confidence of {one_line(results.finetuned.name)}, message by message"
    return canvas.picture(title, desc, rows)


def _verdict(example: Example) -> str:
    sure = pct(wrap("confidence", example.finetuned.confidence))
    return f"{one_line(example.finetuned.label)} {sure}"


def _draw_verdict(canvas: Canvas, example: Example, results: Results, row: int, y: float) -> None:
    """One row. A right verdict is a filled bar and ✓, a wrong one an open, dashed bar and ✗."""
    verdict, full = example.finetuned, 164.0
    colour = POSITIVE if verdict.label == results.data.positive else NEGATIVE
    text = shortened(f"“{one_line(example.text)}”", SMALL, BARS - 26)
    canvas.text(0, y, text)
    canvas.line((BARS, BARS + full), (y + 13, y + 13), LINE)
    length, part = full * verdict.confidence, f"confidence-{row}"
    if verdict.correct:
        canvas.box(BARS, y - 10, length, 20, colour, radius=4, part=part)
    else:
        canvas.box(
            BARS + 1.5, y - 8.5, max(length - 3, 1), 17, "", edge=colour, radius=4, part=part
        )
    label = one_line(verdict.label)
    sure = pct(wrap("confidence", verdict.confidence))
    room = 1006 - 808 - text_width(f" {sure}", SMALL, STRONG)
    shown = f"{shortened(label, SMALL, room, STRONG)} {sure}"
    canvas.text(808, y, shown, weight=STRONG, colour=colour)
    mark = canvas.tick if verdict.correct else canvas.cross
    mark(1018, y, INK, part=f"{'right' if verdict.correct else 'wrong'}-{row}")
    word = "right" if verdict.correct else "wrong"
    canvas.text(1048, y, word, weight=500 if verdict.correct else STRONG)


def draw_next_token(results: Results, index: int) -> Picture:
    """The candidates after one prompt with their probabilities, the true one marked; 540 × 230."""
    case = results.next_tokens[index]
    rows = _candidates(case)
    pitch = 46.0
    canvas = Canvas(f"next-token-{index + 1}", 540, pitch * max(len(rows), 1))
    names = [shortened(name, SMALL, 190, STRONG) for name, _, _ in rows]
    left = max((text_width(name, SMALL, STRONG) for name in names), default=0) + 18
    # One scale for all prompts: the likeliest token of the run is as long as there is room.
    likeliest = max([c.probability for n in results.next_tokens for c in n.candidates], default=1)
    tail = text_width("99.9%", SMALL, STRONG) + 30 + text_width("wrong", SMALL, STRONG) + 30
    for at, (name, (_, probability, mark)) in enumerate(zip(names, rows, strict=True)):
        y = pitch * (at + 0.5)
        colour = {"true": REALITY, "wrong": MYTH}.get(mark, INK if at == 0 else SOFT)
        weight = STRONG if mark or at == 0 else 500
        canvas.text(left - 18, y, name, weight=weight, colour=colour, anchor="right")
        length = max((540 - left - tail) * probability / likeliest, 2)
        canvas.box(left, y - 11, length, 22, colour, radius=4, part=f"token-{at}")
        shown = pct(wrap("probability", probability))
        x = left + length + 14
        canvas.text(x, y, shown, weight=weight, colour=colour)
        x += text_width(shown, SMALL, weight) + 14
        if mark:
            (canvas.tick if mark == "true" else canvas.cross)(x, y, colour)
            canvas.strong(x + 26, y, mark, colour)
    prompt = one_line(case.prompt)
    said = ", ".join(
        f"“{name}” {pct(wrap('probability', p))}{f' ({m})' if m else ''}" for name, p, m in rows
    )
    table = [("Next token", "Probability", "Mark")]
    table += [(name, pct(wrap("probability", p)), mark or "–") for name, p, mark in rows]
    desc = f"After “{prompt}” the model gives {said or 'nothing'}."
    return canvas.picture(f"Next token after “{prompt}”", desc, table)


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
