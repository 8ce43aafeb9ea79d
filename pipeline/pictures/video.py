"""MP4 and WebM: their size and length, and the same film without what its camera wrote into it.

Nothing is encoded anew. What tells of a place, a time or a program is overwritten where it stands,
so that no offset in the file moves. Boxes: ISO/IEC 14496-12; elements: RFC 8794 and RFC 9559.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from pipeline.problems import Source, TalkError

# Of MP4. Boxes that hold others; those that tell of more than the film.
_HOLDING = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"edts", b"mvex"}
_TELLING = {b"udta", b"meta", b"uuid", b"free", b"skip"}
# What may stand in the file itself, and in what tells of the film: all else is some maker's own.
_KNOWN = {
    b"": frozenset(b"ftyp styp moov moof mdat mfra sidx ssix pdin wide prft".split()),
    b"moov": frozenset(b"mvhd trak mvex iods pssh".split()),
    b"trak": frozenset(b"tkhd tref trgr edts mdia load".split()),
}
_TIMED = {b"mvhd", b"tkhd", b"mdhd"}
_TRACKS = {b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"hint", b"tmcd"}
_SHOWN_EVERYWHERE = {b"avc1", b"avc3", b"av01", b"vp08", b"vp09"}
# Of WebM: the identifiers of elements.
_EBML, _SEGMENT, _INFO, _TRACKS_LIST, _TRACK = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
_VIDEO, _CLUSTER, _TAGS, _ATTACHMENTS = 0xE0, 0x1F43B675, 0x1254C367, 0x1941A469
_TOP = {_SEGMENT, _INFO, _TRACKS_LIST, _CLUSTER, _TAGS, _ATTACHMENTS}
_TOP |= {0x114D9B74, 0x1C53BB6B, 0x1043A770}  # where things are, cues, chapters
_DOCUMENT, _SCALE, _LENGTH, _WIDE, _HIGH = 0x4282, 0x2AD7B1, 0x4489, 0xB0, 0xBA
# Tags, attached files; title, date, file names, a track's name.
_SAID = {_TAGS, _ATTACHMENTS, 0x7BA9, 0x4461, 0x7384, 0x3C83AB, 0x3E83BB, 0x536E}
_SAID |= {0x1043A770, 0xEC}  # chapters, and what was overwritten by its head alone
_OPENED = {_SEGMENT, _INFO, _TRACKS_LIST, _TRACK, _VIDEO, _EBML}
_VOID = 0xEC
_MOST_STEPS = 1_000_000  # boxes or elements that are looked at


class Video(msgspec.Struct):
    """A film, cleaned. Width and height in pixels, length in seconds; 0 where it doesn't say."""

    content: bytes
    width: int = 0
    height: int = 0
    length_s: float = 0.0
    codecs: set[str] = set()  # that some browsers can't play


class _BrokenError(Exception):
    """The file isn't as its format says."""


def cleaned_video(raw: bytes, where: Source, name: str) -> Video:
    """The film of an MP4 or WebM file. Raises TalkError for what is none, or holds more than one.

    Tracks of places and movements (of an action camera) are refused: they lie among the pictures.
    """
    made = bytearray(raw)
    try:
        if raw[4:8] == b"ftyp":
            if raw[8:12] == b"qt  ":
                raise TalkError(
                    f"`{name}` is QuickTime, whatever its name says",
                    where,
                    "save it as MP4 (H.264)",
                )
            video = _Mp4(made, where, name).read()
        elif raw[:4] == b"\x1a\x45\xdf\xa3":
            video = _WebM(made).read()
        else:
            raise TalkError(f"`{name}` is no video, whatever its name says", where, "MP4 or WebM")
    except (_BrokenError, struct.error, IndexError, RecursionError):
        raise TalkError(
            f"`{name}` can't be read as a video: it is cut off or damaged", where, "copy it anew"
        ) from None
    video.content = bytes(made)
    return video


class _Mp4:
    def __init__(self, data: bytearray, where: Source, name: str) -> None:
        self.data, self.where, self.name = data, where, name
        self.video, self.steps, self.kind = Video(b""), 0, b""
        self.has_pictures = False

    def read(self) -> Video:
        self._look(0, len(self.data))
        if not self.has_pictures:
            raise _BrokenError
        return self.video

    def _boxes(self, at: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
        """Kind, start, start of its content and end of each box."""
        while at + 8 <= end:
            self.steps += 1
            size, kind = struct.unpack_from(">I4s", self.data, at)
            body = at + 8
            if size == 1:
                (size,) = struct.unpack_from(">Q", self.data, body)
                body += 8
            size = size or end - at
            if at + size > end or size < body - at or self.steps > _MOST_STEPS:
                raise _BrokenError
            yield kind, at, body, at + size
            at += size

    def _look(self, at: int, end: int, parent: bytes = b"") -> None:
        known = _KNOWN.get(parent)
        for kind, start, body, after in self._boxes(at, end):
            if kind in _TELLING or (known and kind not in known):
                self.data[start + 4 : start + 8] = b"free"
                self.data[body:after] = bytes(after - body)
            elif kind in _TIMED:
                self._time(kind, body, after)
            elif kind == b"hdlr":
                self._track(body, after)
            elif kind == b"stsd" and self.kind == b"vide":
                codec = bytes(self.data[body + 12 : body + 16])
                if codec not in _SHOWN_EVERYWHERE:
                    self.video.codecs.add(codec.decode("latin-1"))
            elif kind in _HOLDING:
                self._look(body, after, kind)

    def _time(self, kind: bytes, body: int, after: int) -> None:
        """Forget when it was made; take its length, and the size of its pictures."""
        is_long = self.data[body] == 1
        wide = 8 if is_long else 4
        self.data[body + 4 : body + 4 + 2 * wide] = bytes(2 * wide)
        at = body + 4 + 2 * wide
        if kind == b"mvhd":
            scale, length = struct.unpack_from(">IQ" if is_long else ">II", self.data, at)
            self.video.length_s = length / scale if scale else 0.0
        elif kind == b"tkhd":
            across, down = struct.unpack_from(">II", self.data, after - 8)
            turned = struct.unpack_from(">i", self.data, after - 8 - 36 + 4)[0] != 0
            if across and down:
                size = (down >> 16, across >> 16) if turned else (across >> 16, down >> 16)
                self.video.width, self.video.height = size

    def _track(self, body: int, after: int) -> None:
        self.kind = bytes(self.data[body + 8 : body + 12])
        self.has_pictures |= self.kind == b"vide"
        self.data[body + 24 : after] = bytes(after - body - 24)  # the name of a program
        if self.kind not in _TRACKS:
            raise TalkError(
                f"`{self.name}` holds more than pictures and sound: a track "
                f"`{self.kind.decode('latin-1')}`, where cameras keep places and movements",
                self.where,
                "export it anew from an editor, pictures and sound alone",
            )


class _WebM:
    def __init__(self, data: bytearray) -> None:
        self.data, self.video, self.steps = data, Video(b""), 0
        self.scale, self.length, self.document = 1_000_000, 0.0, ""

    def read(self) -> Video:
        self._look(0, len(self.data))
        if self.document != "webm" or not self.video.width:
            raise _BrokenError
        self.video.length_s = self.length * self.scale / 1e9
        return self.video

    def _number(self, at: int, *, keep: bool) -> tuple[int, int]:
        """A number of variable length and where it ends; with `keep` its mark stays in it."""
        first = self.data[at]
        if not first:
            raise _BrokenError
        length = 9 - first.bit_length()
        value = int.from_bytes(self.data[at : at + length], "big")
        if at + length > len(self.data):
            raise _BrokenError
        return (value if keep else value & ((1 << 7 * length) - 1)), at + length

    def _look(self, at: int, end: int, parent: int = 0) -> int:
        """Look at the elements of one; where it ends, for one that doesn't say it."""
        while at < end:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise _BrokenError
            start = at
            name, at = self._number(at, keep=True)
            if parent == _CLUSTER and name in _TOP:
                return start
            before = at
            size, at = self._number(at, keep=False)
            is_open = size == (1 << 7 * (at - before)) - 1
            after = end if is_open else at + size
            if after > end:
                after = end if name in (_SEGMENT, _CLUSTER) else after
                if after > end:
                    raise _BrokenError
            if name in _SAID:
                self._void(start, after)
            elif name in _OPENED:
                self._look(at, after, name)
            elif name == _CLUSTER and is_open:
                after = self._look(at, after, name)
            else:
                self._take(name, at, after)
            at = after
        return at

    def _take(self, name: int, at: int, after: int) -> None:
        raw = bytes(self.data[at:after])
        if name == _SCALE:
            self.scale = int.from_bytes(raw, "big")
        elif name == _LENGTH:
            self.length = struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0]
        elif name == _WIDE:
            self.video.width = int.from_bytes(raw, "big")
        elif name == _HIGH:
            self.video.height = int.from_bytes(raw, "big")
        elif name == _DOCUMENT:
            self.document = raw.decode("latin-1").rstrip("\0")

    def _void(self, start: int, after: int) -> None:
        """Overwrite an element with one that says nothing, as long as it was."""
        length = after - start
        if length >= 9:
            head = bytes([_VOID]) + (length - 9 | 1 << 56).to_bytes(8, "big")
        else:
            head = bytes([_VOID, 0x80 | length - 2])
        self.data[start:after] = head + bytes(length - len(head))
