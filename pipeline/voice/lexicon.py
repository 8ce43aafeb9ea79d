"""Words -> how they sound: by the model's dictionary, by espeak-ng, or by their letters."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from pipeline.files import read_text

LIMIT_S = 60
# What fills a gap, by language; an "um" is often heard as an "ah".
FILLERS: Mapping[str, tuple[str, ...]] = {
    "en": ("um", "uh", "er", "erm", "ah", "hmm", "you know", "i mean", "sort of", "kind of"),
    "de": ("äh", "ähm", "öh", "hm", "sozusagen", "quasi"),
    "fr": ("euh", "heu", "hein", "bah", "ben", "du coup"),
    "es": ("eh", "em", "este", "pues", "o sea"),
    "he": ("אה", "אמ", "כאילו", "יעני"),
    "zh": ("嗯", "呃", "那个", "这个"),
}

# The International Phonetic Alphabet as espeak-ng writes English -> ARPAbet; the longest first.
_ARPABET = {
    **{"eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "aʊ": "AW", "oʊ": "OW", "əʊ": "OW", "tʃ": "CH"},
    **{"dʒ": "JH", "iː": "IY", "uː": "UW", "ɑː": "AA", "ɔː": "AO", "ɜː": "ER", "oː": "AO"},
    **{"ɚ": "ER", "ɜ": "ER", "ɹ": "R", "r": "R", "æ": "AE", "ɛ": "EH", "ɪ": "IH", "ʌ": "AH"},
    **{"ʊ": "UH", "ə": "AH", "ɐ": "AH", "ɒ": "AA", "ɑ": "AA", "ɔ": "AO", "ᵻ": "IH", "i": "IY"},
    **{"u": "UW", "a": "AE", "e": "EH", "o": "OW", "θ": "TH", "ð": "DH", "ʃ": "SH", "ʒ": "ZH"},
    **{"ŋ": "NG", "ɡ": "G", "ɾ": "T", "ʔ": "T", "j": "Y", "x": "K", "h": "HH", "n̩": "AH N"},
    **{"l̩": "AH L", "aɪə": "AY ER", "aɪɚ": "AY ER", "ʊɹ": "UH R", "ɔːɹ": "AO R", "ɑːɹ": "AA R"},
    **{sign: sign.upper() for sign in "bdfgklmnpstvwz"},
}
_SOUND = re.compile("|".join(sorted(map(re.escape, _ARPABET), key=len, reverse=True)))

# What a letter sounds like, without espeak-ng: enough for a name that is said now and then.
_SPELT = {
    **{"sch": "SH", "tch": "CH", "igh": "AY", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F"},
    **{"ck": "K", "ng": "NG", "qu": "K W", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW"},
    **{"ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW", "au": "AO", "aw": "AO", "oi": "OY"},
    **{"a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH"},
    **{"i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P"},
    **{"q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S"},
    **{"y": "IY", "z": "Z"},
}
_SPELLING = re.compile("|".join(sorted(_SPELT, key=len, reverse=True)))
_LETTERS = {
    **{"a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY"},
    **{"h": "EY CH", "i": "AY", "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N"},
    **{"o": "OW", "p": "P IY", "q": "K Y UW", "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW"},
    **{"v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S", "y": "W AY", "z": "Z IY"},
}
_ACRONYM = re.compile(r"([A-Z]{2,6})(s?)")


class Lexicon(msgspec.Struct, frozen=True):
    """How each word may sound."""

    sounds: dict[str, tuple[str, ...]]  # word -> its pronunciations, phones parted by spaces
    unknown: tuple[str, ...] = ()  # words that nobody knew to say: they are never heard

    def as_dictionary(self) -> str:
        """As pocketsphinx reads it: a line for each pronunciation."""
        lines = []
        for word, sounds in sorted(self.sounds.items()):
            for at, phones in enumerate(sounds, 1):
                lines.append(f"{word}({at}) {phones}" if at > 1 else f"{word} {phones}")
        return "\n".join(lines) + "\n"


def read_dictionary(path: Path) -> dict[str, tuple[str, ...]]:
    """A pronouncing dictionary in CMU's format. Raises TalkError for a file that can't be read."""
    found: dict[str, tuple[str, ...]] = {}
    for line in read_text(path, "the pronouncing dictionary").split("\n"):
        name, _, phones = line.strip().replace("\t", " ").partition(" ")
        if phones and not name.startswith(";;;"):
            word = name.partition("(")[0] or name
            found[word] = (*found.get(word, ()), phones.strip())
    return found


def lexicon(
    written: Iterable[str],
    dictionary: Mapping[str, tuple[str, ...]],
    phones: frozenset[str],
    is_english: bool = True,
) -> Lexicon:
    """How the words of a script sound, `written` as they stand there: acronyms by their letters.

    `phones` are those that the acoustic model knows. A word of another language than English that
    the dictionary hasn't stays unknown: its phones are that model's own.
    """
    forms: dict[str, dict[str, None]] = {}
    for word in written:
        forms.setdefault(word.lower(), {})[word] = None
    missing = [word for word in forms if word not in dictionary]
    spoken = _spoken({word: next(iter(forms[word])) for word in missing}) if is_english else {}
    sounds: dict[str, tuple[str, ...]] = {}
    for word, its_forms in forms.items():
        found = [*dictionary.get(word, ())]
        if is_english:
            found += [by for form in its_forms if (by := _by_letters(form))]
            found += [spoken[word]] if word in spoken else []
            found += [_spelt(word)] if not found else []
        known = dict.fromkeys(one for one in found if one and phones.issuperset(one.split()))
        if known:
            sounds[word] = tuple(known)
    unknown = tuple(sorted(forms.keys() - sounds.keys()))
    return Lexicon(sounds, unknown)


def _by_letters(form: str) -> str:
    """`BBC` and `CDs`, letter by letter; "" for what is no acronym."""
    found = _ACRONYM.fullmatch(form)
    return (
        " ".join(_LETTERS[c.lower()] for c in found[1]) + (" Z" if found[2] else "")
        if found
        else ""
    )


def _spelt(word: str) -> str:
    return " ".join(_SPELT[found[0]] for found in _SPELLING.finditer(word))


def arpabet(ipa: str) -> str:
    """The phones of a word that espeak-ng says in the International Phonetic Alphabet."""
    return " ".join(_ARPABET[found[0]] for found in _SOUND.finditer(ipa))


def _spoken(forms: Mapping[str, str]) -> dict[str, str]:
    """What espeak-ng makes of words the dictionary hasn't; nothing where it is missing or fails."""
    path = shutil.which("espeak-ng")
    if path is None or not forms:
        return {}
    lines = "".join(f"{form}.\n\n" for form in forms.values())
    try:
        done = subprocess.run(
            [path, "-q", "--ipa", "-v", "en-us", "--stdin"],
            input=lines.encode(),
            capture_output=True,
            check=False,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    said = [line.strip() for line in done.stdout.decode("utf-8", "replace").split("\n")]
    said = [line for line in said if line]
    if done.returncode or len(said) != len(forms):
        return {}
    return {word: arpabet(ipa) for word, ipa in zip(forms, said, strict=True)}
