"""The perspective holds together, and is the one that is committed."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graph_schema.bloom import browser_style, perspective
from graph_schema.nodes import KIND_OF_LABEL, NODE_KINDS
from graph_schema.phrases import SCENE_ACTIONS, every_phrase
from graph_schema.relationships import RELATIONSHIP_TYPE
from patterns.detection import load_patterns

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "kith-perspective.json"
SCHEMA = ROOT.parent / "shared" / "design" / "bloom" / "perspective.schema.json"
PHRASES = every_phrase((id_, one.title) for id_, one in load_patterns().items() if one.writes_findings)
PERSPECTIVE = perspective(PHRASES)
CYPHER = {
    **{phrase.text: phrase.cypher for phrase in PHRASES},
    **{
        f"{phrase.text} ${one.name}": one.cypher
        for phrase in PHRASES
        for one in phrase.parameters
        if one.cypher
    },
    **{action.name: action.cypher for action in SCENE_ACTIONS},
}


def test_the_committed_file_is_current() -> None:
    """Make it again with `kith bloom --output tests/golden` (and leave out the style)."""
    assert json.loads(GOLDEN.read_text("utf-8")) == PERSPECTIVE


def test_it_has_the_shape_of_real_exports() -> None:
    if not SCHEMA.exists():
        pytest.skip("the schema drawn from real exports is not beside this repository")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.validate(PERSPECTIVE, schema)
    spoilt = {**PERSPECTIVE, "templates": [{**PERSPECTIVE["templates"][0], "id": "phrase-1"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt, schema)


def test_every_pattern_that_writes_findings_has_its_phrase() -> None:
    writing = {id_ for id_, one in load_patterns().items() if one.writes_findings}
    named = {found[1] for phrase in PHRASES if (found := re.search(r'pattern: "(\w+)"', phrase.cypher))}
    assert named == writing


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_a_phrase_declares_just_what_its_text_and_query_ask(phrase: Any) -> None:
    names = {parameter.name for parameter in phrase.parameters}
    assert set(re.findall(r"\$(\w+)", phrase.text)) == names
    assert set(re.findall(r"\$(\w+)", phrase.cypher)) == names
    for at, parameter in enumerate(phrase.parameters):
        if parameter.cypher is None:
            known = {*KIND_OF_LABEL[parameter.label].properties, "id"}
            assert parameter.property in known
        else:
            earlier = {one.name for one in phrase.parameters[:at]}
            assert set(re.findall(r"\$(\w+)", parameter.cypher)) <= earlier


@pytest.mark.parametrize("cypher", CYPHER.values(), ids=CYPHER)
def test_a_query_reads_only_what_is_declared_and_never_writes(cypher: str) -> None:
    assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|LOAD)\b", cypher, re.IGNORECASE)
    assert re.search(r"\bLIMIT \d+", cypher) or "id: $entity" in cypher
    assert set(re.findall(r"\(\w*:(\w+)", cypher)) <= KIND_OF_LABEL.keys()
    types = {name for part in re.findall(r"\[\w*:([A-Z_|]+)", cypher) for name in part.split("|")}
    assert types <= RELATIONSHIP_TYPE.keys()


def test_captions_and_rules_rest_on_properties_that_exist() -> None:
    for category in PERSPECTIVE["categories"]:
        declared = {one["name"]: one["dataType"] for one in category["properties"]}
        assert set(category["captionKeys"]) <= declared.keys()
        for rule in category["styleRules"]:
            name, _, type_ = rule["basedOn"].rpartition("_")
            assert declared[name] == type_
    ids = [one["id"] for part in ("templates", "sceneActions") for one in PERSPECTIVE[part]]
    assert len(set(ids)) == len(ids)


def test_staff_look_like_staff_because_they_come_first() -> None:
    names = [category["name"] for category in PERSPECTIVE["categories"]]
    assert names.index("Staff") < names.index("Person")


def test_the_style_has_every_kind_in_its_colour() -> None:
    style = browser_style()
    for kind in NODE_KINDS:
        assert re.search(rf"node\.{kind.label} {{[^}}]*color: {kind.colour};", style)
