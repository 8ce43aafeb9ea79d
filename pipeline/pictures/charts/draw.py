"""Charts of the run as SVG, drawn with matplotlib in the deck's typeface and theme colours.

What draws, matplotlib too, is imported only while drawing: a build whose charts are kept loads
none of it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.locale import ENGLISH, Locale
from pipeline.measured import Measured
from pipeline.pictures.picture import Picture, Pictures, kept_pictures, words_of
from pipeline.results import Results, digest_of


def draw_figures(results: Results, locale: Locale = ENGLISH) -> Pictures:
    """Name -> chart of everything that the run measured. The same results give the same bytes.

    A chart's viewBox is the size in px at which it is meant to stand on a 1280 × 720 slide.
    """
    from pipeline.pictures.charts.examples import (
        draw_confidences,
        draw_few_confidences,
        draw_next_token,
    )
    from pipeline.pictures.charts.scores import draw_compare, draw_elsewhere
    from pipeline.pictures.charts.style import chart_style
    from pipeline.pictures.charts.training import draw_f1_by_epoch, draw_loss, draw_overfitting

    with chart_style():
        drawn = [
            draw_compare(results, locale),
            draw_loss(results, locale),
            draw_f1_by_epoch(results, locale),
            draw_overfitting(results, locale),
            *_of_labels(results, locale),
            draw_confidences(results, locale),
            draw_few_confidences(results, locale),
            *(draw_next_token(results, at, locale) for at in range(len(results.next_tokens))),
        ]
        if results.elsewhere:
            drawn.append(draw_elsewhere(results, locale))
    return {picture.name: picture for picture in drawn}


def _of_labels(results: Results, locale: Locale) -> list[Picture]:
    """Of two labels, one of them positive, a small matrix says all; of more, each is shown."""
    from pipeline.pictures.charts.labels import draw_label_confusion, draw_labels
    from pipeline.pictures.charts.scores import draw_confusion

    if results.finetuned.confusion:
        return [draw_confusion(results, locale)]
    return [draw_label_confusion(results, locale), draw_labels(results, locale)]


def places_in_charts(measured: Measured) -> dict[str, tuple[str, ...]]:
    """Name -> places of the values in it, of each chart of classifiers and of an experiment.

    Nothing is drawn.
    """
    from pipeline.pictures.charts.evidence import places_drawn
    from pipeline.pictures.charts.scores import ladder_places

    found = ladder_places(measured.experiment) if measured.experiment else {}
    tried = (one for one in measured.measurements.values() if one.evidence)
    return found | {one.name: places_drawn(one, measured) for one in tried}


def why_absent(name: str, results: Results) -> str:
    """What a run needs for a chart that others have and it has not; empty: no run has such one."""
    if name == "labels" and results.finetuned.confusion:
        return "one of two labels is positive here: `confusion` shows both"
    if name == "elsewhere":
        return "it needs a second test set: `sample` in [experiment.data], and other data"
    if name.startswith("next-token-"):
        count, kind = len(results.next_tokens), results.model.kind
        if kind == "encoder":
            return f"{results.model.name} reads texts and continues none"
        return f"[[experiment.next_tokens]] in talk.toml has {count}"
    return ""


def cached_figures(results: Results, cache: Path, locale: Locale = ENGLISH) -> Pictures:
    """The same, kept in the folder `cache` under the results' digest, the language, the code."""
    key = digest_of(results) + words_of(locale)
    return kept_pictures(cache, "figures", key, lambda: draw_figures(results, locale))
