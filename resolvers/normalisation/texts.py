"""Fold any script to plain lower-case words, and know the words that mean "nothing was said"."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

PLACEHOLDERS = frozenset(
    {
        *(
            "",
            "-",
            "?",
            "n a",
            "na",
            "nan",
            "nil",
            "nill",
            "none",
            "null",
            "no",
            "not applicable",
            "not given",
        ),
        *("not known", "not provided", "not recorded", "not stated", "tba", "tbc", "test", "unk", "unkn"),
        *("unknown", "unknwn", "unspecified", "withheld", "x", "xx", "xxx", "xxxx", "anonymous", "refused"),
        *("no fixed abode", "no fixed address", "nfa", "not available", "other", "void", "dummy", "blank"),
    }
)

_APOSTROPHES = re.compile(r"['’‘`´ʼʻ]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Return `text` as lower-case ASCII words, one space between; transliterated, punctuation gone.

    Apostrophes close up (O'Neil → oneil); every other mark parts words. Idempotent.
    """
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text))
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text).lower()).strip()


def words(text: object) -> str | None:
    """Return the folded text, or `None` where it is empty or a placeholder."""
    folded = fold(str(text))
    return None if folded in PLACEHOLDERS else folded
