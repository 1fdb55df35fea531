"""Errors as clients see them: one table from exceptions to RFC 9457 problems; no answer echoes the input."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_args

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException

from app import messages
from app.extracts import TooManyAbsent
from app.ingest.problem import BadInput, IngestError
from app.pipeline import StaleVersion
from graph_schema.store import StoreError, StoreUnavailable, UnknownName
from ledger.entry import Erased, LedgerBusy, LedgerError, VersionConflict
from patterns.rostering import ScanHeld
from resolvers.errors import ConflictingJudgement, PairBudgetExceeded

TYPE_PREFIX = "urn:kith:problem:"
RETRY_SECONDS = "2"

KINDS: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "not-supported": (400, "Not supported here"),
    "key-required": (401, "A key is required"),
    "forbidden": (403, "Not for this key"),
    "absent": (404, "Not found, or not for you"),
    "unknown-source": (404, "Unknown source"),
    "method": (405, "Method not allowed"),
    "conflict": (409, "Another content has this version"),
    "too-many-absent": (409, "The extract would delete too much"),
    "conflicting-judgement": (409, "The judgement contradicts others in force"),
    "held": (409, "The scan is held"),
    "erased": (410, "Erased"),
    "if-match-stale": (412, "It has changed since you read it"),
    "too-large": (413, "The body is too large"),
    "media-type": (415, "The body is not of a type that is taken here"),
    "invalid": (422, "The request has errors"),
    "if-match-required": (428, "If-Match is required"),
    "too-many": (429, "Too many requests at once"),
    "internal": (500, "An error in Kith"),
    "unavailable": (503, "Try again shortly"),
    "not-audited": (503, "Not answered, because the look could not be logged"),
}
"""Problem type → status and title."""

_log = logging.getLogger("kith.http")


class Problem(HTTPException):
    """An error answer: its type (a key of `KINDS`), a sentence with the remedy, what is wrong by field."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        status, self.title = KINDS[kind]
        super().__init__(status, detail, dict(headers or {}))
        self.kind = kind
        self.members: dict[str, Any] = {**({"errors": list(errors)} if errors else {}), **members}

    def body(self) -> dict[str, object]:
        """Return the problem as RFC 9457 has it."""
        return {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail,
            **self.members,
        }


class Absent(Exception):
    """What was asked for is not there, or not for whoever asks: the same answer."""


class Merged(Exception):
    """The entity was merged into another; `into` is the one that lives."""

    def __init__(self, into: str) -> None:
        super().__init__("merged")
        self.into = into


def problem_of(error: Exception) -> Problem:
    """Return the problem that an exception means to a client; what is not foreseen is `internal`."""
    match error:
        case Problem():
            return error
        case Absent():
            return Problem("absent", "nothing here has this id; search for it")
        case VersionConflict():
            return Problem(
                "conflict", "this version was pushed before with other content; push a higher version"
            )
        case Erased():
            return Problem("erased", "it has been erased", certificate=error.certificate)
        case StaleVersion():
            return Problem("if-match-stale", str(error))
        case ConflictingJudgement():
            return Problem("conflicting-judgement", str(error), chain=list(error.chain))
        case TooManyAbsent():
            return Problem("too-many-absent", str(error), absent=error.absent, live=error.live)
        case ScanHeld():
            return Problem("held", str(error))
        case LedgerBusy():
            return _try_again("the ledger is busy or its disk is full; nothing was written")
        case StoreUnavailable():
            return _try_again("the graph does not answer; pushes are taken and will show when it is back")
        case BadInput():
            errors = [{"field": p.field, "problem": p.problem, "remedy": p.remedy} for p in error.problems]
            return Problem("invalid", "some fields are wrong; mend them and send it again", errors=errors)
        case IngestError() | PairBudgetExceeded() | UnknownName():
            return Problem("invalid", str(error))
        case LedgerError() | StoreError():
            return _try_again(f"{error}")
        case RequestValidationError():
            return _invalid(error)
        case StarletteHTTPException():
            return _framework_problem(error)
        case _:
            return Problem("internal", "nothing of this request was kept; the log has the kind of error")


def install(app: FastAPI) -> None:
    """Make every error of the app answer as a problem."""
    handled = (
        StarletteHTTPException,
        RequestValidationError,
        Absent,
        StoreError,
        LedgerError,
        IngestError,
        ConflictingJudgement,
        PairBudgetExceeded,
    )
    for kind in handled:
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(Merged, _redirect)


def _answer(request: Request, error: Exception) -> Response:
    return response_of(problem_of(error))


def response_of(problem: Problem) -> Response:
    """Return the HTTP answer of a problem."""
    return JSONResponse(
        problem.body(), problem.status_code, problem.headers, media_type="application/problem+json"
    )


def _redirect(request: Request, error: Exception) -> Response:
    assert isinstance(error, Merged)
    old = request.path_params.get("entity_id", "")
    path = request.url.path.replace(f"/{old}", f"/{error.into}")
    return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path, 308)


def crashed(request: Request, error: Exception) -> Response:
    """Return the answer to an error that nobody foresaw, and log its kind and place.

    Never its message, which may hold personal values.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    route = getattr(request.scope.get("route"), "path", "?")
    _log.error("%s %s: %s at %s", request.method, route, type(error).__name__, place)
    return response_of(problem_of(error))


def _try_again(detail: str) -> Problem:
    return Problem("unavailable", detail, headers={"Retry-After": RETRY_SECONDS})


def _framework_problem(error: StarletteHTTPException) -> Problem:
    kinds = {404: "absent", 405: "method", 413: "too-large", 415: "media-type", 400: "malformed"}
    kind = kinds.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    return Problem(kind, HTTPStatus(error.status_code).phrase, headers=error.headers)


def _invalid(error: RequestValidationError) -> Problem:
    """Name each wrong field and what is wrong; pydantic's `input`, `ctx` and unknown names are left out."""
    errors = []
    for one in error.errors()[:50]:
        if one["type"] == "json_invalid":
            return Problem("malformed", "the body is not JSON; send UTF-8 JSON with its content type")
        where = [part if isinstance(part, int) or part in _FIELDS else "…" for part in one["loc"][1:]]
        if one["loc"][0] != "body":
            where = list(one["loc"][1:])
        field = ".".join(str(part) for part in (one["loc"][0], *where))
        errors.append({"field": field, "problem": _sentence(one)})
    return Problem("invalid", "some fields are wrong; mend them and send it again", errors=errors)


def _sentence(one: Mapping[str, Any]) -> str:
    if one["type"] == "extra_forbidden":
        return "unknown field; leave it out"
    if one["type"] in {"too_short", "string_too_short"}:
        return "is empty; leave it out or fill it in"
    if one["type"] in {"value_error", "assertion_error", "literal_error", "enum"}:
        return "not one of the values taken here"
    return str(one["msg"])


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        if field.alias is not None:
            yield field.alias
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part)


_FIELDS = frozenset(
    name
    for model in vars(messages).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__name__.endswith("Request")
    for name in _fields(model)
)
"""Names that may be repeated to a client: our own, never those of its body."""
