"""Near copies among texts: which of them say the same, in any language."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

LETTERS = 4
LIKE_TENTHS = 7  # two texts are near copies above 0.7; in tenths, so that counts stay whole
BLOCK = 2048  # texts, or pairs of them, that are compared at once


def group_key(text: str) -> str:
    """What texts share that differ in no more than case, digits and punctuation."""
    letters = re.sub(r"\d+", "0", text.casefold())
    return re.sub(r"[^\w]+", " ", letters).strip() or text


def group_numbers(texts: Sequence[str]) -> np.ndarray:
    """Groups of near copies, numbered in the order in which they first appear; shape (texts,).

    Near copies differ in no more than case, digits and punctuation, or their sets of character
    4-grams, without case and each digit as 0, have a Jaccard similarity above 0.7 (Broder 1997,
    "On the resemblance and containment of documents"). A group is what such pairs connect: two of
    its texts may be less alike than that.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    keys: dict[str, int] = {}
    same = np.array([keys.setdefault(group_key(text), len(keys)) for text in texts], dtype=int)
    if not len(same):
        return same
    plain: dict[str, int] = {}  # each text once, as it is compared, with its key's number
    for text, key in zip(texts, same.tolist(), strict=True):
        plain.setdefault(re.sub(r"\d", "0", text.casefold()), key)
    one, other = _alike(list(plain))
    of_key = np.array(list(plain.values()), dtype=int)
    pairs = coo_array((np.ones(len(one)), (of_key[one], of_key[other])), shape=(len(keys),) * 2)
    _, joined = connected_components(pairs, directed=False)
    _, first, found = np.unique(joined[same], return_index=True, return_inverse=True)
    return np.asarray(first.argsort().argsort()[found])


def _alike(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of texts whose sets of 4-grams have a Jaccard similarity above 0.7, as two arrays.

    Two sets so alike share one of their rarest three tenths of grams; only texts that do are
    compared (Chaudhuri, Ganti & Kaushik 2006, "A primitive operator for similarity joins").
    """
    from scipy.sparse import csr_array, tril

    numbers: dict[str, int] = {}
    sets = [{numbers.setdefault(gram, len(numbers)) for gram in grams_of(text)} for text in texts]
    sizes = np.array([len(grams) for grams in sets])
    flat = np.fromiter((gram for grams in sets for gram in grams), dtype=np.int64)
    used = np.bincount(flat, minlength=len(numbers))
    rarity = np.lexsort((np.arange(len(numbers)), used)).argsort()  # 0: the rarest
    row = np.repeat(np.arange(len(texts)), sizes)
    order = np.lexsort((rarity[flat], row))
    flat, ends = rarity[flat][order], np.concatenate([[0], sizes.cumsum()])
    shape = len(texts), max(len(numbers), 1)
    whole = csr_array((np.ones(len(flat), dtype=np.int32), flat, ends), shape=shape)
    place = np.arange(len(flat)) - ends[row]
    kept = place < (sizes - sizes * LIKE_TENTHS // 10)[row]
    rare = csr_array((np.ones(int(kept.sum()), dtype=np.int32), (row[kept], flat[kept])), shape)
    ones, others = [np.empty(0, dtype=int)], [np.empty(0, dtype=int)]
    for start in range(0, len(texts), BLOCK):
        met = tril(rare[start : start + BLOCK] @ rare.T, start - 1).tocoo()
        one, other = met.row + start, met.col
        both = np.concatenate(
            [
                whole[one[at : at + BLOCK]].multiply(whole[other[at : at + BLOCK]]).sum(1)
                for at in range(0, len(one), BLOCK)
            ]
            or [np.empty(0, dtype=int)]
        )
        alike = 10 * both > LIKE_TENTHS * (sizes[one] + sizes[other] - both)
        ones.append(one[alike])
        others.append(other[alike])
    return np.concatenate(ones), np.concatenate(others)


def grams_of(text: str) -> set[str]:
    """The character 4-grams of a text; of a shorter one none."""
    return {text[at : at + LETTERS] for at in range(len(text) - LETTERS + 1)}
