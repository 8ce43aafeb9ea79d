"""Pictures and linked files of a deck: copied from beside it, or written out of it.

What lies on the web is named and never fetched. A picture may lie two folders above the deck, as
`../../img/x.png`; what lies elsewhere is left there.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import msgspec

from pipeline.files import read_bytes, short_hash
from pipeline.imports.deck import Ledger
from pipeline.paths import composed, inside, leads_out, plain_name
from pipeline.pictures.foreign import cleaned
from pipeline.pictures.photos import check_size, encoded
from pipeline.pictures.video import cleaned_video
from pipeline.problems import Source, TalkError
from pipeline.slides.media import FILES, PICTURES, VIDEOS

FOLDER = "pictures"  # of the talk's deck/
_MOST_BYTES = 64 * 2**20
_REDRAWN = (".bmp", ".tif", ".tiff")  # what Pillow reads and browsers don't show
_DATA = re.compile(r"data:image/([\w.+-]+)((?:;[\w=-]+)*),(.*)", re.DOTALL)
HELD = "data:"  # an address that holds its picture, or did before the deck was read
ENDINGS = {"jpeg": ".jpg", "svg+xml": ".svg", "x-png": ".png"}
_FOLDERS_UP = 2  # of a deck, in which a picture may lie


class Pictures(msgspec.Struct):
    """The pictures of one deck. `files` is what is written, by its path from `deck/`."""

    folder: Path  # of the deck
    ledger: Ledger
    own: Mapping[str, bytes] = {}  # what the deck holds itself
    public: tuple[str, ...] = ()  # where `/x.png` is looked for
    files: dict[str, bytes] = {}
    _names: dict[str, str] = {}  # address -> path; "": there is none

    def kept(self, address: str, at: Source) -> str:
        """The path from `deck/` of the picture at this address; "" where it can't be kept."""
        if address not in self._names:
            self._names[address] = ""
            try:
                content, name = self._read(address, at)
                content, name = _showable(content, name, at)
                self._names[address] = self._add(content, name)
            except TalkError as error:
                shown = address if len(address) < 200 else f"{address[:60]}… ({len(address)} signs)"
                self.ledger.left_out(at, error.message, shown)
        elif not self._names[address]:
            self.ledger.left_out(at, "a picture, as above", address[:200])
        return self._names[address]

    def kept_file(self, address: str) -> str:
        """The path from `deck/` of a file that a link leads to; "" where none can be kept."""
        address = re.sub(r"[?#].*", "", address)
        if Path(address).suffix.lower() not in FILES:
            return ""
        if address not in self._names:
            self._names[address] = ""
            try:
                path = self._path(address, Source(self.folder))
                content = read_bytes(path, f"`{address}`", _MOST_BYTES)
            except TalkError:
                return ""
            self._names[address] = self._add(content, path.name)
        return self._names[address]

    def words(self, address: str) -> str:
        """What a picture without words is called: its file's name, as words."""
        stem = "" if address.startswith(HELD) else Path(unquote(address)).stem
        name = " ".join(re.findall(r"[^\W\d_]{2,}|\d+", stem))
        return name if re.search(r"[^\W\d]", name) else "Picture"

    def _read(self, address: str, at: Source) -> tuple[bytes, str]:
        """Content and name of a picture. Raises TalkError for one that can't be had."""
        if address in self.own:
            return self.own[address], Path(address.removeprefix(HELD)).name
        if found := _DATA.match(address):
            return _of_data(found, at)
        if re.match(r"[A-Za-z][\w+.-]*:|//", address):
            raise TalkError("a picture on the web: it isn't fetched", at)
        path = self._path(address, at)
        return read_bytes(path, f"the picture `{address}`", _MOST_BYTES), path.name

    def _path(self, address: str, at: Source) -> Path:
        name = composed(unquote(re.sub(r"[?#].*", "", address)))
        if not name.strip():
            raise TalkError("a picture without a path", at)
        if name.startswith("/"):
            tries = [self.folder / place for place in (*self.public, ".")]
            name = name.lstrip("/")
        else:
            tries = [self.folder, *(self.folder / place for place in self.public)]
        top = [self.folder, *self.folder.parents][: _FOLDERS_UP + 1][-1]
        if leads_out(name, top, *tries):
            raise TalkError(f"a picture that lies elsewhere: `{address}`", at)
        for folder in tries:
            path = inside(folder, name)
            if path and path.is_file() and path.resolve().is_relative_to(top.resolve()):
                return path
        raise TalkError(f"a picture that isn't there: `{address}`", at)

    def _add(self, content: bytes, name: str) -> str:
        path = Path(name)
        stem = plain_name(path.stem)[:60] or "picture"
        made = f"{FOLDER}/{stem}{path.suffix.lower()}"
        if self.files.get(made, content) != content:
            made = f"{FOLDER}/{stem}-{short_hash(content)[:6]}{path.suffix.lower()}"
        self.files[made] = content
        return made


def _of_data(found: re.Match[str], at: Source) -> tuple[bytes, str]:
    """A picture that stands in its address."""
    kind, said, text = found[1].lower(), found[2], found[3]
    try:
        is_base64 = "base64" in said
        raw = unquote_to_bytes(text)
        content = base64.b64decode(re.sub(rb"\s", b"", raw), validate=True) if is_base64 else raw
    except (binascii.Error, ValueError):
        raise TalkError("a picture in its address that is broken", at) from None
    return content, f"picture-{short_hash(content)[:6]}{ENDINGS.get(kind, f'.{kind}')}"


def _showable(content: bytes, name: str, at: Source) -> tuple[bytes, str]:
    """A picture that a deck can show, redrawn where it has to be. Raises TalkError."""
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix in VIDEOS:
        cleaned_video(content, at, name)
        return content, name
    if suffix == ".svg":
        cleaned(content, at, at, name)
        return content, name
    if suffix in _REDRAWN:
        content, suffix = _as_png(content, name, at), ".png"
    if suffix not in PICTURES:
        raise TalkError(f"a picture that a deck can't show: `{name}`", at)
    encoded(content, (64, 64), at, name)
    return content, f"{path.stem}{suffix}"


def _as_png(content: bytes, name: str, at: Source) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # size is checked
    try:
        with Image.open(io.BytesIO(content), formats=("BMP", "TIFF")) as image:
            check_size(image, at, name)
            image.convert("RGBA").save(made, "PNG")
    except TalkError:
        raise
    except Exception as error:  # whatever a broken file makes of Pillow
        raise TalkError(f"a picture that is broken: `{name}`", at) from error
    return made.getvalue()
