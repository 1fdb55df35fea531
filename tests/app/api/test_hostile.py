"""Hostile input: refused with the right status, never echoed, nothing kept, and no crash."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running_kith import Service

from app.errors import Problem
from app.security.body import FORBIDDEN, strict_json

CANARY = "Zyzzyva"
JSON = {"Content-Type": "application/json"}


def record(name: str) -> bytes:
    return b'{"attributes": {"name": [{"full": "%s"}]}}' % name.encode("utf-8", "surrogatepass")


HOSTILE: dict[str, tuple[bytes, set[int]]] = {
    "lone surrogate escaped": (b'{"attributes": {"name": [{"full": "Zyzzyva \\ud800"}]}}', {422}),
    "lone surrogate raw": (record("Zyzzyva \ud800"), {400}),
    "NaN": (b'{"attributes": {"name": [{"full": "Zyzzyva"}]}, "version": NaN}', {422}),
    "infinite float": (b'{"attributes": {"name": [{"full": "Zyzzyva"}]}, "version": 1e999}', {422}),
    "5,000-digit integer": (b'{"version": %s, "attributes": {}}' % (b"9" * 5000), {422}),
    "NUL": (record("Zyzzyva\\u0000"), {422}),
    "bidi override": (record("Zyzzyva \u202e"), {422}),
    "duplicate key": (b'{"version": 1, "version": 2, "attributes": {"name": [{"full": "Zyzzyva"}]}}', {422}),
    "200k deep": (b'{"a":' * 200_000, {400}),
    "deep and whole": (b"[" * 200 + b"]" * 200, {400, 422}),
    "Latin-1": ('{"attributes": {"name": [{"full": "Zyzzyva é"}]}}'.encode("latin-1"), {400}),
    "UTF-16": ('{"attributes": {}}'.encode("utf-16"), {400}),
    "not an object": (b'["Zyzzyva"]', {422}),
    "empty": (b"", {400}),
    "true as version": (b'{"version": true, "attributes": {"name": [{"full": "Zyzzyva"}]}}', {422}),
    "text as version": (b'{"version": "7", "attributes": {"name": [{"full": "Zyzzyva"}]}}', {422}),
    "huge text": (record("Zyzzyva" * 1000), {422}),
    "too large": (record("Zyzzyva" * 200_000), {413}),
    "unknown field": (b'{"Zyzzyva": 1, "attributes": {"name": [{"full": "A B"}]}}', {422}),
    "unknown attribute": (b'{"attributes": {"Zyzzyva": [{"value": "x"}]}}', {422}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_refused_and_never_echoed(service: Service, name: str) -> None:
    body, statuses = HOSTILE[name]
    answer = service.ask("pusher", "PUT", "/v1/records/hr/1", content=body, headers=JSON)
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text
    assert len(answer.content) < 2000
    assert service.get("/v1/sources")["items"][1]["records"] == 0
    assert service.push("hr", "1", {"name": [{"full": "Ann Example"}]})["status"] == "accepted"


@pytest.mark.parametrize("path", ["/v1/search", "/v1/judgements", "/v1/patterns/shared_home/run"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": 7, "name": 8}',
        b'{"Zyzzyva": "Zyzzyva"}',
        b"[" * 100_000,
    ],
)
def test_modelled_bodies_are_read_as_strictly(service: Service, path: str, body: bytes) -> None:
    answer = service.ask("all", "POST", path, content=body, headers=JSON)
    assert answer.status_code in {400, 422}, answer.text[:300]
    assert CANARY not in answer.text


def test_a_chunked_body_is_counted_not_believed(service: Service) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = service.ask("pusher", "PUT", "/v1/records/hr/1", content=endless(), headers=JSON)
    assert answer.status_code == 413
    liar = {**JSON, "Content-Length": "10"}
    lying = service.ask("pusher", "PUT", "/v1/records/hr/1", content=b" " * 2_000_000, headers=liar)
    assert lying.status_code == 413


def test_compressed_bodies_are_never_inflated(service: Service) -> None:
    bomb = gzip.compress(record("A" * 100))
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert service.ask("pusher", "PUT", "/v1/records/hr/1", content=bomb, headers=headers).status_code == 415


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_other_media_types_are_refused(service: Service, kind: str) -> None:
    answer = service.ask(
        "pusher", "PUT", "/v1/records/hr/1", content=record("A B"), headers={"Content-Type": kind}
    )
    assert answer.status_code == 415


def test_a_formula_is_kept_as_it_is(service: Service) -> None:
    said = {"name": [{"full": '=HYPERLINK("x")'}]}
    service.push("hr", "1", said)
    assert service.get("/v1/records/hr/1")["attributes"] == said


@pytest.mark.parametrize(
    "path", ["/v1/records/hr/%00", "/v1/records/hr/%ED%A0%80", "/v1/records/%2e%2e/x", "/v1/entities/%00"]
)
def test_hostile_addresses_find_nothing(service: Service, path: str) -> None:
    answer = service.ask("investigator", "GET", path)
    assert answer.status_code in {400, 404}, answer.text
    pushed = service.ask(
        "all", "PUT", path.replace("entities", "records/hr"), content=record("A B"), headers=JSON
    )
    assert pushed.status_code in {400, 404, 422}


def test_joiners_stay_since_names_need_them() -> None:
    assert FORBIDDEN.search("नमस्\u200dते \u200c") is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda text: not FORBIDDEN.search(text)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(JSON_VALUES)
def test_strict_json_reads_what_json_says(value: Any) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_strict_json_reads_any_bytes_or_says_a_problem(text: bytes) -> None:
    with contextlib.suppress(Problem):
        strict_json(text)
