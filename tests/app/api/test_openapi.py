"""The OpenAPI document: the same as the one last agreed on, whole, and with examples that work."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from running_kith import Known, Service
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
ALL = list(HealthCheck)
GOLDEN = Path(__file__).parents[2] / "golden" / "openapi.json"


def document(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = service.client.get("/openapi.json").json()
    return made


def test_the_document_is_the_one_agreed_on(known: Known) -> None:
    """KITH_WRITE_GOLDEN=1 writes it anew; read the difference: a change of it is a change for users."""
    made = json.dumps(document(known.service), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("KITH_WRITE_GOLDEN") == "1":
        GOLDEN.write_text(made, encoding="utf-8")
    assert made == GOLDEN.read_text("utf-8")


def references(node: Any) -> set[str]:
    """Return every $ref in a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()


def test_every_reference_leads_somewhere_and_every_route_is_told(known: Known) -> None:
    made = document(known.service)
    schemas = made["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(made)} <= schemas.keys()
    assert made["openapi"].startswith("3.1")
    for path, methods in made["paths"].items():
        for method, route in methods.items():
            assert route.get("summary"), (path, method)
            assert route.get("description"), (path, method)


def test_the_examples_are_taken(service: Service) -> None:
    made = document(service)
    for path, of in (("/v1/records/{source}/{id}", "records"), ("/v1/events/{source}/{id}", "events")):
        body = made["paths"][path]["put"]["requestBody"]["content"]["application/json"]["example"]
        answer = service.ask("pusher", "PUT", f"/v1/{of}/hr/1", json=body)
        assert answer.status_code == 200, answer.text


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode)[:2])
def test_what_the_document_promises_holds_for_generated_requests(known: Known, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", known.service.client.app)
    key = {"Authorization": f"Bearer {known.service.keys['all']}"}
    checks = [
        not_a_server_error,
        status_code_conformance,
        response_schema_conformance,
        content_type_conformance,
    ]
    tried = 0
    for operation in schema.get_all_operations():
        cases = operation.ok().as_strategy(mode)

        @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=ALL)
        @given(cases)
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=key, checks=checks)

        ask()
        tried += 1
    assert tried > 25
