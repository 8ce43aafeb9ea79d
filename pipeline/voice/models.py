"""What hears: the acoustic model, its dictionary, and the words of a script made fit for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from pipeline.command import install
from pipeline.files import kept
from pipeline.hashes import sha256_of
from pipeline.locale import ENGLISH, Locale
from pipeline.problems import Source, TalkError
from pipeline.voice.language import language
from pipeline.voice.lexicon import FILLERS, Lexicon, lexicon, read_dictionary
from pipeline.voice.sentences import Sentence, written_words
from pipeline.voice.vocabulary import check_known

COMMON_WORDS = 1000  # of English, heard beside the script's
# How often fillers are said: as rare as in written text, an "um" is heard as "bottom" or "I'm".
FILLER, OFTEN = 0.002, {"um": 0.06, "uh": 0.06}
ALSO = {"um": ("AA M",)}  # how else than the dictionary has them
_MOST_FILES = 2_000  # in a model's folder: they have tens
VERSION = 3  # of what is kept; another one makes it anew


class Acoustic(msgspec.Struct, frozen=True):
    """A model of pocketsphinx: how phones sound, and how words are made of them."""

    sounds: Path  # a folder with `mdef`, `means` and others
    dictionary: Path
    general: Path | None = None  # a language model of everything, for common words


class Model(msgspec.Struct, frozen=True):
    """What a decoder is made of."""

    acoustic: Acoustic
    dictionary: str  # in CMU's format
    sentences: tuple[Sentence, ...]  # with the words that can be heard
    general: dict[str, float]  # common words, and how often each is said
    unheard: tuple[str, ...] = ()  # words of the script that it can't hear

    def language(self, near: str | None = None) -> str:
        """What follows what, in ARPA's format; sentences of the slide `near` sooner."""
        return language(self.sentences, self.general, near).as_arpa()


def check_voice(locale: Locale = ENGLISH, folder: Path | None = None) -> None:
    """Whether a talk in this language can be listened to, with the model in `folder` or our own.

    Raises TalkError.
    """
    from pipeline.voice.kaldi import vosk_model

    if vosk_model(folder) is None:
        acoustic_model(locale, folder)


def acoustic_model(locale: Locale, folder: Path | None = None) -> Acoustic:
    """The model in a folder, or the US English one that comes with pocketsphinx.

    Raises TalkError without pocketsphinx, for another language without a folder, and for a folder
    that holds no model.
    """
    if folder is None and not locale.is_english:
        raise TalkError(
            f"the voice is followed in English alone, and this talk is in {locale.tag}",
            hint="name a model of its language: --voice-model FOLDER, of vosk or pocketsphinx",
        )
    if find_spec("pocketsphinx") is None:
        raise TalkError("pocketsphinx is missing, so nobody can listen", hint=install("voice"))
    if folder is not None:
        return _in_folder(folder)
    import pocketsphinx

    root = Path(pocketsphinx.get_model_path()) / "en-us"
    return Acoustic(root / "en-us", root / "cmudict-en-us.dict", root / "en-us.lm.bin")


def model_files(folder: Path) -> list[Path]:
    """The files of a model's folder, at any depth, in order; none where there is no such folder.

    Raises TalkError for a folder that holds more than a model, such as a home or a disk.
    """
    found = list[Path]()
    for at, folders, names in os.walk(folder):
        found += (Path(at) / name for name in (*folders, *names))
        if len(found) > _MOST_FILES:
            hint = "the folder that was unpacked, and no other one around it"
            raise TalkError(f"more than {_MOST_FILES} files: no model", Source(folder), hint)
    return sorted(path for path in found if path.is_file())


def _in_folder(folder: Path) -> Acoustic:
    where = Source(folder)
    if not folder.is_dir():
        what = "this is no folder" if folder.exists() else "there is no such folder"
        raise TalkError(what, where, "a model of vosk or pocketsphinx, unpacked")
    files = model_files(folder)
    sounds = [path.parent for path in files if path.name == "mdef"]
    dictionaries = [path for path in files if path.suffix in (".dict", ".dic")]
    if not sounds or not dictionaries:
        missing = "acoustic model (mdef, means, …)" if not sounds else "dictionary (NAME.dict)"
        raise TalkError(
            f"the folder holds no {missing} of pocketsphinx, and no model of vosk",
            where,
            "the folder that was unpacked, with all that lay in it",
        )
    return Acoustic(sounds[0], dictionaries[0])


def model_for(
    sentences: Sequence[Sentence],
    locale: Locale = ENGLISH,
    folder: Path | None = None,
    cache: Path | None = None,
) -> Model:
    """The model that hears a script; what was made of the same words is kept in `cache`.

    Raises TalkError as `acoustic_model` does.
    """
    acoustic = acoustic_model(locale, folder)
    its = sha256_of(acoustic.dictionary)
    key = msgspec.json.encode(
        [VERSION, version("pocketsphinx"), str(acoustic.sounds), its, locale.tag, sentences]
    )

    def make() -> bytes:
        return msgspec.json.encode(_made(sentences, locale, acoustic))

    made = msgspec.json.decode(kept(_folder(cache), "model.json", key, make), type=_Made)
    if folder:
        check_known(sentences, made.unknown, locale.tag, Source(folder))
    unheard = frozenset(made.unknown)
    hearable = (_without(sentence, unheard) for sentence in sentences)
    heard = tuple(sentence for sentence in hearable if sentence.words)
    return Model(acoustic, made.dictionary, heard, made.general, made.unknown)


def _folder(cache: Path | None) -> Path | None:
    return cache / "voice" if cache else None


def _without(sentence: Sentence, unheard: frozenset[str]) -> Sentence:
    if unheard.isdisjoint(sentence.words):
        return sentence
    words = tuple(word for word in sentence.words if word not in unheard)
    return msgspec.structs.replace(sentence, words=words)


class _Made(msgspec.Struct, frozen=True):
    dictionary: str
    general: dict[str, float]
    unknown: tuple[str, ...]  # words that are never heard


def _made(sentences: Sequence[Sentence], locale: Locale, acoustic: Acoustic) -> _Made:
    dictionary = read_dictionary(acoustic.dictionary)
    phones = _phones(dictionary)
    written = [word for sentence in sentences for word in written_words(sentence.text, locale)]
    its = lexicon(written, dictionary, phones, locale.is_english)
    general = _general(acoustic, dictionary)
    sounds = {**{word: dictionary[word] for word in general}, **its.sounds}
    fillers = [word for word in FILLERS["en"] if locale.is_english and word in dictionary]
    general |= {word: max(OFTEN.get(word, FILLER), general.get(word, 0.0)) for word in fillers}
    sounds |= {word: (*dictionary[word], *ALSO.get(word, ())) for word in fillers}
    return _Made(Lexicon(sounds).as_dictionary(), general, its.unknown)


def _phones(dictionary: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The phones of a model: those that its dictionary uses."""
    return frozenset(phone for said in dictionary.values() for one in said for phone in one.split())


def _general(acoustic: Acoustic, dictionary: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """The commonest words of the language with their share; none without a model of it."""
    if acoustic.general is None:
        return {}
    import pocketsphinx

    known = pocketsphinx.NGramModel.readfile(str(acoustic.general))
    logs = pocketsphinx.LogMath()
    scores = sorted(((known.prob([word]), word) for word in dictionary), reverse=True)
    return {word: float(logs.exp(score)) for score, word in scores[:COMMON_WORDS]}
