"""Sound -> words by vosk, with a model that the speaker names: it ends utterances by itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from pipeline.command import install
from pipeline.problems import Source, TalkError
from pipeline.voice.heard import Heard
from pipeline.voice.lexicon import FILLERS
from pipeline.voice.models import model_files
from pipeline.voice.sentences import Sentence
from pipeline.voice.sphinx import GUESS_FRAMES, RATE
from pipeline.voice.vocabulary import check_known, vocabulary

UNKNOWN = "[unk]"  # what such a model writes for a word that isn't its own
NO_MACOS = "it comes for Linux and Windows alone: name a model of pocketsphinx"
_QUIET = -1  # of vosk's levels: errors alone


class Kaldi(msgspec.Struct, frozen=True):
    """A model of vosk: the folder that was unpacked."""

    folder: Path
    takes_grammar: bool  # its graph is put together as it starts, so that it can know the script


def vosk_model(folder: Path | None) -> Kaldi | None:
    """The model of vosk in a folder, None for none. Raises TalkError for a part of one."""
    files = model_files(folder) if folder else []
    found = [path for path in files if path.name == "final.mdl"]
    if not found:
        return None
    for needed in ("vosk", "pocketsphinx"):  # whose Vad says when somebody speaks
        if find_spec(needed) is None:
            is_none = needed == "vosk" and sys.platform == "darwin"
            hint = NO_MACOS if is_none else install("vosk")
            raise TalkError(f"this is a model of vosk, and {needed} is missing", hint=hint)
    where = found[0].parent
    is_new = where.name == "am"
    root = where.parent if is_new else where
    graph = root / "graph" if is_new else root
    settings = root / "conf" / "model.conf" if is_new else root / "mfcc.conf"
    is_whole = (graph / "HCLG.fst").is_file()
    has_graph = is_whole or all(
        (graph / name).is_file() for name in ("HCLr.fst", "Gr.fst", "disambig_tid.int")
    )
    for is_there, what in (
        (settings.is_file(), f"settings ({settings.relative_to(root)})"),
        (has_graph, "graph (HCLG.fst, or HCLr.fst and Gr.fst)"),
    ):
        if not is_there:
            hint = "the folder that was unpacked, with all that lay in it"
            raise TalkError(f"the model of vosk has no {what}", Source(root), hint)
    return Kaldi(root, not is_whole)


class Vosk:
    """A recogniser that is given sound in frames; times go on from the first sample."""

    def __init__(self, model: Kaldi, sentences: Sequence[Sentence], language: str) -> None:
        import vosk

        vosk.SetLogLevel(_QUIET)
        where = Source(model.folder)
        try:
            its = vosk.Model(str(model.folder))
            self._words_of = vocabulary(sentences, partial(_has, its))
            self.unheard = self._words_of.unheard
            check_known(sentences, self.unheard, language, where)
            self._recogniser = self._made(vosk, its, model, self._words_of.lines, language)
        except TalkError:
            raise
        except Exception as error:  # vosk has no class of its own
            what = f"vosk can't read the model: {error}"
            raise TalkError(what, where, "unpack it anew") from error
        self._recogniser.SetWords(True)
        self._fed = 0
        self.guessed: tuple[str, ...] = ()  # of this utterance, so far
        self.is_new = False  # whether the last frame made a guess

    @staticmethod
    def _made(
        vosk: Any,
        its: Any,
        model: Kaldi,
        lines: Sequence[str],
        language: str,
    ) -> Any:
        """With the script as its grammar, where the model takes one."""
        if not model.takes_grammar:
            return vosk.KaldiRecognizer(its, RATE)
        others = (UNKNOWN, *FILLERS.get(language.partition("-")[0], ()))
        known = [one for one in others if all(_has(its, word) for word in one.split())]
        return vosk.KaldiRecognizer(its, RATE, json.dumps([*lines, *known]))

    def at_slide(self, name: str) -> None:
        """Nothing: its grammar is the whole script."""

    def feed(self, frame: bytes, is_speech: bool) -> list[Heard]:
        """Take 30 ms; gives the words of an utterance that ended with it."""
        self._fed += 1
        self.is_new = False
        if self._recogniser.AcceptWaveform(frame):
            self.guessed = ()
            return self._words(self._recogniser.Result())
        if self._fed % GUESS_FRAMES == 0:
            said = json.loads(self._recogniser.PartialResult()).get("partial", "")
            guessed = [Heard(one, 0.0, 0.0, 0.0) for one in said.split() if one != UNKNOWN]
            self.guessed = tuple(one.word for one in self._words_of.written(guessed))
            self.is_new = True
        return []

    def finish(self) -> list[Heard]:
        """The words of an utterance that nothing more comes for."""
        self.guessed = ()
        return self._words(self._recogniser.FinalResult())

    def _words(self, result: str) -> list[Heard]:
        heard = [
            Heard(
                one["word"],
                round(one["start"], 2),
                round(one["end"], 2),
                round(min(1.0, one["conf"]), 3),
            )
            for one in json.loads(result).get("result", ())
            if one["word"] not in ("", UNKNOWN)  # "": its list of words is too short
        ]
        return self._words_of.written(heard)


def _has(model: Any, word: str) -> bool:
    return bool(model.vosk_model_find_word(word) > 0)
