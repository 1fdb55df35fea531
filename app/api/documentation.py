"""What OpenAPI says beyond the signatures: problems, bodies read by hand, examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.errors import KINDS, TYPE_PREFIX
from app.ingest.canonical import EventBody, RecordBody

Responses = dict[int | str, dict[str, Any]]

_REF = "#/components/schemas/"

RECORD_EXAMPLE = {
    "version": 3,
    "attributes": {
        "name": [{"full": "Anna Example"}],
        "date_of_birth": [{"value": "1984-02-29"}],
        "address": [{"line": "Flat 2, 14 Mill Lane", "postcode": "AB1 2CD", "valid_from": "2021-04-01"}],
    },
}
EVENT_EXAMPLE = {
    "version": 1,
    "kind": "shift",
    "from": "2024-05-03T06:00:00Z",
    "to": "2024-05-03T14:00:00Z",
    "place": {"type": "station", "id": "ST12"},
    "attributes": {"basis": "overtime", "team": "T3", "duty_role": "response", "duty_date": "2024-05-03"},
    "participants": [{"source": "roster", "source_id": "8812", "role": "worker"}],
}
RECEIPT_EXAMPLE = {
    "status": "accepted",
    "source": "hr",
    "id": "8812",
    "version": 3,
    "sequence": 4711,
    "entity_id": "e4jq",
    "touched": [{"entity_id": "e4jq", "change": "changed", "into": None}],
    "findings": [],
    "redo": 0,
    "warnings": [],
}

RECEIPT: dict[str, Any] = {"content": {"application/json": {"example": RECEIPT_EXAMPLE}}}
"""The answer to a push, with an example."""


def _own_or(model: str) -> dict[str, Any]:
    described = "Where the source has a mapping: its own fields. See `GET /v1/sources/{source}/schema`."
    return {"anyOf": [{"$ref": _REF + model}, {"type": "object", "description": described}]}


def _json_body(model: str, example: object) -> dict[str, Any]:
    content = {"application/json": {"schema": _own_or(model), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


RECORD_BODY = _json_body("RecordBody", RECORD_EXAMPLE)
EVENT_BODY = _json_body("EventBody", EVENT_EXAMPLE)


def batch_body(model: str) -> dict[str, Any]:
    """Return the description of an NDJSON body whose lines are such bodies with `source` and `id`."""
    line = f"One {model} a line, with `source` and `id` beside its fields; at most 1,000 lines."
    content = {"application/x-ndjson": {"schema": {"type": "string", "description": line}}}
    answer = "One Receipt or LineProblem a line, in the order of the lines sent."
    return {
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {
                "description": answer,
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            }
        },
    }


def problems(*statuses: int) -> Responses:
    """Return the problem answers of a route, with the problem types of each status."""
    answers: Responses = {}
    for status in statuses:
        kinds = [kind for kind, (its, _) in KINDS.items() if its == status]
        titles = [KINDS[kind][1] for kind in kinds]
        example = {"type": TYPE_PREFIX + kinds[0], "title": titles[0], "status": status, "detail": "…"}
        answers[status] = {
            "description": "; ".join(titles),
            "content": {
                "application/problem+json": {"schema": {"$ref": _REF + "Problem"}, "example": example}
            },
        }
    return answers


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the app, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version=app.openapi_version,
            description=app.description,
            routes=app.routes,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for model in (RecordBody, EventBody):
            schema = model.model_json_schema(ref_template=_REF + "{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for route in (route for methods in document["paths"].values() for route in methods.values()):
            told = route["responses"].get("422")
            if told is not None and "application/problem+json" not in told["content"]:
                route["responses"]["422"] = problems(422)[422]
        schemas["Problem"] = _PROBLEM
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
        app.openapi_schema = document
    return app.openapi_schema


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem; it never repeats what was sent.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [TYPE_PREFIX + kind for kind in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "problem": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}
