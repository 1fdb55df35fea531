"""Bodies that no fixed model describes: one JSON object, or lines of them."""

from typing import Annotated, Any

from fastapi import Depends, Request

from app.errors import Problem

MOST_LINES = 1000


async def _object(request: Request) -> dict[str, Any]:
    """Return the body, one JSON object. Raises: Problem media-type, malformed, invalid."""
    _require(request, "application/json")
    body = await request.json()
    if not isinstance(body, dict):
        raise Problem("invalid", "the body is one JSON object; see `GET /v1/sources/{source}/schema`")
    return body


async def _lines(request: Request) -> list[bytes]:
    """Return the body's lines, a final empty one left out. Raises: Problem media-type, invalid, too-large."""
    _require(request, "application/x-ndjson")
    lines = (await request.body()).split(b"\n")
    if not lines[-1].strip():
        lines.pop()
    if not lines:
        raise Problem("invalid", "the body has no line; send one JSON object a line")
    if len(lines) > MOST_LINES:
        raise Problem("too-large", f"at most {MOST_LINES} lines are taken at once; send it in parts")
    return lines


def _require(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise Problem("media-type", f"send it with `Content-Type: {media_type}`")


JsonObject = Annotated[dict[str, Any], Depends(_object)]
Lines = Annotated[list[bytes], Depends(_lines)]
