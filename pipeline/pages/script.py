"""The script beside the speaker's deck: a page to print, a teleprompter's text, captions."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from pipeline.pages.captions import captions, moments, srt, web_vtt
from pipeline.pages.deck import page_templates, write_files
from pipeline.pages.notes import printed_script, script_txt
from pipeline.palette import LIGHT, declared
from pipeline.talk import Talk


def write_script(talk: Talk, out: Path) -> None:
    """Write script.html, script.txt, captions.vtt and captions.srt of the talk's cut into `out`."""
    timing = talk.timings[talk.cut]
    page = page_templates().get_template("print/script.html.j2")
    title = talk.config.talk.title
    shown = captions(moments(talk.script, timing))
    files = {
        "script.html": page.render(
            script=printed_script(talk.script, timing, title),
            language=talk.config.talk.language,
            colours=Markup(declared(LIGHT)),
        ),
        "script.txt": script_txt(talk.script, timing.choice),
        "captions.vtt": web_vtt(shown),
        "captions.srt": srt(shown),
    }
    write_files({name: text.encode() for name, text in files.items()}, out)
