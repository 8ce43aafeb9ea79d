"""Pictures, videos and linked files as a page shows them."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping

import msgspec
from markdown_it.token import Token
from markupsafe import Markup

from pipeline.pages.looks import Looks
from pipeline.pictures.media import Media, Shot
from pipeline.slides.media import MediaUse
from pipeline.slides.slide import Slide

_TYPES = {"webp": "image/webp", "svg": "image/svg+xml", "mp4": "video/mp4", "webm": "video/webm"}
_NIGHT = "screen and (prefers-color-scheme: dark)"  # paper is light
MOST_INSIDE = 8_000_000  # bytes of a video that stands in a page itself


class MediaWriter(msgspec.Struct, frozen=True):
    """Writes the files of the talk that content shows.

    `inside`: pictures stand in the page as data, and linked files are at this address; None: all
    are files beside the page. `is_read`: for the reading page, in the theme of the reader's system.
    """

    media: Mapping[str, Media]
    looks: Looks
    inside: str | None = None
    is_read: bool = False

    def html(self, use: MediaUse) -> str:
        """A picture or video with its frame and caption."""
        media = self.media[use.name]
        shot = media.shot
        assert shot
        classes = ["media", *(name for name in use.classes if name != "decoration")]
        if media.kind == "video":
            classes.append("video")
            inside = self._video(use, media, shot)
        else:
            inside = self._images(use, shot, media.dark)
        if shot.is_clear and not media.dark:
            classes.append("clear")
        caption = ""
        if use.caption:
            caption = f'<span class="caption">{html.escape(use.caption)}</span>'
        return (
            f'<span class="{html.escape(" ".join(classes))}">'
            f'<span class="shot">{inside}</span>{caption}</span>'
        )

    def _video(self, use: MediaUse, media: Media, shot: Shot) -> str:
        """A film with the browser's controls; its poster for paper, or where it is too large."""
        content = dict(media.files)[media.name]
        poster = self._address(shot.name, shot.content)
        alt = "" if use.is_decoration else html.escape(use.alt)
        width, height = media.size
        size = f'width="{width}" height="{height}"'
        if self.inside is not None and len(content) > MOST_INSIDE:
            image = f'<img src="{poster}" alt="{alt}" {size}>'
            return f'<a href="{self.inside}{media.name}">{image}</a>' if self.inside else image
        options = "".join(
            f" {name}" for name, is_on in (("muted", not use.sound), ("loop", use.loop)) if is_on
        )
        paper = f'<img class="on-paper" src="{poster}" alt="{alt}" loading="lazy" {size}>'
        waits = ""
        if use.step is not None:
            waits = f'<span class="starts fragment" data-fragment-index="{use.step}"></span>'
        return (
            f'<video src="{self._address(media.name, content)}" poster="{poster}" {size} controls '
            f'playsinline preload="none"{options} aria-label="{alt}"></video>'
            f"{'' if self.is_read else paper + waits}"
        )

    def _images(self, use: MediaUse, shot: Shot, dark: Shot | None) -> str:
        if dark is None:
            return self._image(use, shot)
        if self.is_read:
            address = self._address(dark.name, dark.content)
            return (
                f'<picture><source srcset="{address}" media="{_NIGHT}">'
                f"{self._image(use, shot)}</picture>"
            )
        return self._image(use, shot, "by-day") + self._image(use, dark, "by-night")

    def _image(self, use: MediaUse, shot: Shot, name: str = "") -> str:
        alt = "" if use.is_decoration else html.escape(use.alt)
        of = f' class="{name}"' if name else ""
        image = (
            f'<img{of} src="{self._address(shot.name, shot.content)}" alt="{alt}" loading="lazy"'
            f' width="{shot.width}" height="{shot.height}">'
        )
        if not shot.still or self.inside is not None or name or self.is_read:
            return image
        # Who asked for no motion, and paper, get the first picture.
        where = "(prefers-reduced-motion: reduce), print"
        return f'<picture><source srcset="{shot.still}" media="{where}">{image}</picture>'

    def _address(self, name: str, content: bytes) -> str:
        if self.inside is None:
            return name
        kind = _TYPES[name.rpartition(".")[2]]
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def link(self, token: Token) -> Token:
        """A link to a file, as it is published; in a page by itself it is at the site's address."""
        if token.type != "link_open":
            return token
        media = self.media[token.meta["media"].name]
        if self.inside == "":
            del token.attrs["href"]  # nobody knows where it is
        else:
            token.attrSet("href", f"{self.inside or ''}{media.name}")
        return token

    def of_field(self, slide: Slide) -> Markup:
        """The picture or video of a slide's front matter; empty without one."""
        named = (use for use in slide.media if not use.part and use.kind != "file")
        use = next(named, None)
        return Markup(self.html(use) if use else "")
