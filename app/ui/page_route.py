"""The gate of every page: the same as the API's, with problems as pages instead of JSON."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from app.errors import Merged, Problem, problem_of
from app.security.audited import AuditedRoute
from app.ui.rendering import page
from graph_schema.store import StoreError
from ledger.entry import LedgerError

_WORDS = {
    "key-required": ("Open Kith by its link", "The link works once. `kith key open` prints a new one."),
    "forbidden": ("Not for this key", ""),
    "absent": ("Nothing here, or not for you", "It may have been mistyped. Search for the person instead."),
    "erased": ("Erased", ""),
    "unavailable": ("Try again shortly", "Findings, persons and their records are read without the graph."),
    "not-audited": ("Not shown, because the look could not be logged", "Try again shortly."),
}


def problem_page(problem: Problem) -> Response:
    """Return a problem as a page, with its status and headers."""
    title, remedy = _WORDS.get(problem.kind, (problem.title, ""))
    answer = page(
        "problem.html",
        problem.status_code,
        here="",
        actor=None,
        title=title,
        detail=problem.detail,
        remedy=remedy,
    )
    answer.headers.update(problem.headers or {})
    return answer


class PageRoute(AuditedRoute):
    """A page: shown only to whom its policy allows, after its look is in the audit; problems become pages."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Wrap the gate. Errors that nobody foresaw pass on to the application's own handler."""
        gate = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await gate(request)
            except Merged as error:
                old = request.path_params.get("entity_id", "")
                return RedirectResponse(request.url.path.replace(f"/{old}", f"/{error.into}"), 308)
            except (Problem, RequestValidationError, StoreError, LedgerError, LookupError) as error:
                return problem_page(problem_of(error))
            except Exception as error:
                problem = problem_of(error)
                if problem.kind == "internal":
                    raise
                return problem_page(problem)

        return shown
