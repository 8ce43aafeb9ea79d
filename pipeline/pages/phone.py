"""A talk's settings -> phone.html: the page of a phone that was let in. It holds no word of it."""

from __future__ import annotations

from pipeline.config import Config
from pipeline.pages import assets
from pipeline.pages.csp import HOSTED, Inline, policy
from pipeline.pages.languages import language_rules
from pipeline.pages.templates import render, texts
from pipeline.palette import declared


def phone_page(config: Config) -> str:
    """The page as HTML; what it shows comes from the speaker's page, over the server's socket."""
    palette, locale = config.brand.palette, config.locale
    width, height = config.brand.slide_size
    look = (
        f":root {{ {declared(palette.dark)} --slide: {width} / {height}; }}"
        f' [data-theme="light"] {{ {declared(palette.light)} }}'
    )
    style = Inline(f"{look}\n{texts('phone/phone.css')}{language_rules(locale)}")
    script = Inline(assets.script("phone", locale))
    return render(
        "phone/phone.html.j2",
        locale,
        talk=config.talk,
        ground=palette.dark["paper"],
        style=style,
        script=script,
        policy=policy(
            scripts=[script],
            styles=[style],
            files=HOSTED,
            runs_files=False,
            frames=True,
            connects=HOSTED,
        ),
    )
