"""The catalogue of patterns and runs of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.api.catching_up import Follows, after
from app.api.documentation import problems
from app.errors import Problem
from app.messages import PatternsView, RunRequest, RunView
from app.queries import patterns
from app.queries.jobs import Jobs
from app.security.audited import AuditedRoute, Looking, TheKith, policy
from app.security.roles import Action

router = APIRouter(prefix="/v1/patterns", tags=["Patterns"], route_class=AuditedRoute)


@router.get("", responses=problems(401, 403, 429, 503))
@policy(Action.READ_CATALOGUE)
def get_patterns(kith: TheKith, look: Looking, http: Request) -> PatternsView:
    """Return every pattern: question, data, parameters, explanations it tests, and how often it led on."""
    return look.show(patterns.catalogue(kith, http.app.state.staff))


@router.post(
    "/{pattern_id}/run",
    dependencies=[after(Follows.GRAPH)],
    responses=problems(400, 401, 403, 404, 422, 429, 503),
)
@policy(Action.RUN_PATTERN)
def post_run(
    kith: TheKith, look: Looking, http: Request, response: Response, pattern_id: str, request: RunRequest
) -> RunView:
    """Run a pattern: about somebody it answers at once, over everybody it is a job to `GET`."""
    return _shown(look, response, patterns.run(kith, _jobs(http), pattern_id, request))


@router.get(
    "/{pattern_id}/run",
    dependencies=[after(Follows.GRAPH)],
    responses=problems(400, 401, 403, 404, 422, 429, 503),
)
@policy(Action.RUN_PATTERN)
def get_run(
    kith: TheKith,
    look: Looking,
    http: Request,
    response: Response,
    pattern_id: str,
    job: Annotated[str | None, Query(max_length=40)] = None,
    about: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> RunView:
    """Return how far a job is, with its answer once done; or run the pattern `about` somebody."""
    if job is not None:
        return _shown(look, response, patterns.progress(kith, _jobs(http), pattern_id, job))
    if not about:
        raise Problem("invalid", "name a `job`, or whom it is `about`; a run over everybody is a POST")
    return _shown(
        look,
        response,
        patterns.run(kith, _jobs(http), pattern_id, RunRequest.model_validate({"about": about})),
    )


def _jobs(request: Request) -> Jobs[RunView]:
    jobs: Jobs[RunView] = request.app.state.jobs
    return jobs


def _shown(look: Looking, response: Response, view: RunView) -> RunView:
    if view.status == "running":
        response.headers["Retry-After"] = "1"
        response.headers["Location"] = f"/v1/patterns/{view.pattern}/run?job={view.job_id}"
    return look.show(view)
