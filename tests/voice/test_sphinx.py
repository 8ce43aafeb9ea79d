"""The decoder's frames: what is heard once more comes in small pieces, and none is lost."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.needs import need

from pipeline.voice.sphinx import CATCHES_UP, FRAME_BYTES, SETTLES, Sphinx


class Decoder:
    """Counts the frames of its utterance."""

    def __init__(self, **_: object) -> None:
        self.taken = self.utterances = self.calls = 0

    def start_utt(self) -> None:
        self.taken, self.utterances = 0, self.utterances + 1

    def process_raw(self, _: bytes) -> None:
        self.taken, self.calls = self.taken + 1, self.calls + 1

    def seg(self) -> tuple[()]:
        return ()

    def get_cmn(self, _: bool) -> str:
        return ""

    def end_utt(self) -> None: ...

    def add_lm_file(self, *_: str) -> None: ...

    def activate_search(self, _: str) -> None: ...


def test_what_is_heard_again_is_caught_up_with_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first utterance is heard once more as the voice gets known; no frame takes long."""
    need(find_spec("pocketsphinx"), "pocketsphinx is missing")
    monkeypatch.setattr("pocketsphinx.Decoder", Decoder)
    acoustic = SimpleNamespace(sounds=Path("model"))
    model = SimpleNamespace(dictionary="", acoustic=acoustic, language=lambda: "", unheard=())
    its = Sphinx(model)
    decoder, most, count = its._decoder, 0, SETTLES[-1] + 30
    for at in range(1, count + 1):
        before = decoder.calls
        its.feed(bytes(FRAME_BYTES), is_speech=True)
        most = max(most, decoder.calls - before)
        if its.is_new:  # no guess is made of a part of it
            assert decoder.taken == at
    assert most == 1 + CATCHES_UP
    assert (decoder.taken, decoder.utterances) == (count, 1 + len(SETTLES))
