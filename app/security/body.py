"""Bodies of clients, read with suspicion: bounded, never inflated, strict JSON."""

import json
import math
import re
from collections.abc import AsyncGenerator, Iterable
from typing import Any

from fastapi import Request
from starlette.types import Receive, Scope

from app.errors import Problem

DEEPEST = 32
LARGEST_INTEGER = 2**53 - 1

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
"""Control characters, bidirectional overrides, halves of surrogates; joiners stay: names need them."""


class BoundedRequest(Request):
    """A request whose body is refused past `limit` bytes (counted, not believed) or when compressed."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        super().__init__(scope, receive)
        self._limit = limit

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body's chunks. Raises: Problem too-large, media-type."""
        if self.headers.get("content-encoding", "identity") != "identity":
            raise Problem("media-type", "compressed bodies are not taken; send it as it is")
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and (len(declared) > 15 or int(declared) > self._limit):
            raise self._too_large()
        taken = 0
        async for chunk in super().stream():
            taken += len(chunk)
            if taken > self._limit:
                raise self._too_large()
            yield chunk

    def _too_large(self) -> Problem:
        return Problem("too-large", f"at most {self._limit} bytes are taken at once; send it in parts")

    async def json(self) -> Any:
        """Return the body as strict JSON. Raises: Problem malformed, invalid."""
        return strict_json(await self.body())


def strict_json(text: bytes) -> Any:
    """Return what a JSON text says, refusing what readers of it would understand differently.

    Refused: other encodings than UTF-8, duplicate keys, NaN and infinities, integers past 2^53, nesting
    deeper than `DEEPEST`, and `FORBIDDEN` characters in keys or values.
    Raises: Problem malformed (it is not JSON), invalid (it is, but holds one of these).
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Problem("malformed", "the body is not JSON in UTF-8; nothing was taken") from error
    _check(value, DEEPEST)
    return value


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Problem("invalid", "a JSON object names the same field twice; name each once")
    return fields


def _no_constant(_: str) -> float:
    raise Problem("invalid", "NaN and infinities are no numbers here; leave the field out")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise Problem("invalid", "an integer is too large; send identifiers as text")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Problem("invalid", "a number is too large; send identifiers as text")
    return number


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if FORBIDDEN.search(value):
            detail = "a text holds a control, bidirectional-override or broken character; remove it"
            raise Problem("invalid", detail)
    elif isinstance(value, dict | list):
        if depth == 0:
            raise Problem("malformed", f"the JSON is nested deeper than {DEEPEST} levels")
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(part, depth - 1)
