"""Make a Neo4j Bloom perspective, and a style for Neo4j Browser, from the declaration of the graph.

The file is written in the shape of Bloom 2.7.0: the newest of which a real export is public (docs/bloom.md).
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from graph_schema.nodes import NODE_KIND, NODE_KINDS, NodeKind
from graph_schema.phrases import SCENE_ACTIONS, PhraseParameter, SceneAction, SearchPhrase
from graph_schema.relationships import RELATIONSHIP_TYPES, RelationshipType

VERSION = "2.7.0"
MADE_AT = 1_767_225_600_000
"""Milliseconds; fixed, so that the same declaration gives the same file."""

_TYPES: Mapping[str, str] = {
    "text": "string",
    "integer": "bigint",
    "number": "number",
    "boolean": "boolean",
    "date": "Date",
    "instant": "DateTime",
    "date_or_instant": "DateTime",
    "texts": "array",
}
_UNSEEN = ("id", "owner", "search_words")
"""Properties that the store keeps for itself: excluded from Bloom's cards and searches."""

_LINK_COLOUR = "#4A5563"
_HUB_COLOUR = "#BBBBBB"
_STAFF_SIZE = 1.25
_FINDING_SIZES = (("review", 1.5), ("urgent", 2.0))


def perspective(phrases: Sequence[SearchPhrase]) -> dict[str, Any]:
    """Return the perspective: categories, captions, colours, rules, phrases and scene actions.

    Staff come before persons, because a node takes the look of the first category that fits it.
    """
    shown = [kind for kind in NODE_KINDS if not kind.technical]
    looks = [("Staff", "Staff", NODE_KIND["Person"]), *((kind.label, kind.label, kind) for kind in shown)]
    numbers = {name: number for number, (name, _, _) in enumerate(looks, 1)}
    return {
        "name": "Kith",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, "kith/bloom/perspective")),
        "version": VERSION,
        "createdAt": MADE_AT,
        "lastEditedAt": MADE_AT,
        "categories": [_category(numbers[name], name, label, kind) for name, label, kind in looks],
        "categoryIndex": len(looks),
        "labels": {kind.label: _schema(kind.label, kind.properties) for kind in shown},
        "relationshipTypes": [_relationship(type_) for type_ in RELATIONSHIP_TYPES if not type_.technical],
        "palette": {"colors": sorted({kind.colour for kind in shown}), "currentIndex": 0},
        "templates": [_template(phrase) for phrase in phrases],
        "sceneActions": [_action(action, numbers) for action in SCENE_ACTIONS],
        "hiddenRelationshipTypes": [type_.type for type_ in RELATIONSHIP_TYPES if type_.technical],
        "hiddenCategories": [],
        "hideUncategorisedData": True,
        "isAuto": False,
        "parentPerspectiveId": None,
        "metadata": {
            "pathSegments": [
                {"source": start, "relationshipType": type_.type, "target": end}
                for type_ in RELATIONSHIP_TYPES
                if not type_.technical
                for start in type_.starts
                for end in type_.ends
            ],
            "indexes": [
                {"label": kind.label, "type": "native", "propertyKeys": list(kind.indexed)} for kind in shown
            ],
        },
    }


def browser_style() -> str:
    """Return a GraSS style sheet that gives Neo4j Browser the same colours and captions."""
    blocks = [
        ("node", {"diameter": "50px", "border-width": "2px", "font-size": "10px"}),
        *(
            (
                f"node.{kind.label}",
                {
                    "color": kind.colour,
                    "border-color": "#1F2937",
                    "text-color-internal": _text_on(kind.colour),
                    "caption": '"{display_name}"',
                },
            )
            for kind in NODE_KINDS
        ),
        (
            "relationship",
            {"color": _LINK_COLOUR, "shaft-width": "1px", "font-size": "8px", "caption": '"<type>"'},
        ),
    ]
    return "\n".join(
        f"{selector} {{\n" + "".join(f"  {name}: {value};\n" for name, value in rules.items()) + "}\n"
        for selector, rules in blocks
    )


def _category(number: int, name: str, label: str, kind: NodeKind) -> dict[str, Any]:
    properties = [
        {
            "name": property_,
            "exclude": False,
            "isCaption": property_ == "display_name",
            "dataType": _TYPES[type_],
        }
        for property_, type_ in kind.properties.items()
    ]
    properties += [
        {"name": unseen, "exclude": True, "isCaption": False, "dataType": "string"} for unseen in _UNSEEN
    ]
    return {
        "id": number,
        "name": name,
        "labels": [label],
        "color": kind.colour,
        "size": _STAFF_SIZE if label == "Staff" else 1,
        "icon": "no-icon",
        "properties": properties,
        "captionKeys": ["display_name"],
        "styleRules": _rules(kind),
        "createdAt": MADE_AT,
        "lastEditedAt": MADE_AT,
    }


def _rules(kind: NodeKind) -> list[dict[str, Any]]:
    """Return the rules of a kind: hubs are grey, the weightier findings larger."""
    if kind.shared:
        return [_rule(kind, "display_band", "hub", color=_HUB_COLOUR)]
    if kind.label == "Finding":
        return [_rule(kind, "severity", value, size=size) for value, size in _FINDING_SIZES]
    return []


def _rule(
    kind: NodeKind, name: str, value: str, *, color: str | None = None, size: float | None = None
) -> dict[str, Any]:
    return {
        "id": f"rule:{_stamp(f'{kind.label} {name} {value}')}",
        "type": "single",
        "basedOn": f"{name}_string",
        "condition": "equals",
        "conditionValue": value,
        "applyColor": color is not None,
        "applySize": size is not None,
        "applyCaption": False,
        "color": color or kind.colour,
        "size": size or 1,
    }


def _relationship(type_: RelationshipType) -> dict[str, Any]:
    return {
        "id": type_.type,
        "name": type_.type,
        "color": _LINK_COLOUR,
        "size": 1,
        "properties": _schema(type_.type, type_.properties),
        "captionKeys": ["0_REL_TYPE_CAPTION_KEY"],
        "styleRules": [],
    }


def _schema(of: str, properties: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"propertyKey": name, "type": of, "dataType": _TYPES[type_]} for name, type_ in properties.items()
    ]


def _template(phrase: SearchPhrase) -> dict[str, Any]:
    stamp = _stamp(phrase.text)
    return {
        "name": phrase.meaning,
        "id": f"tmpl:{stamp}",
        "createdAt": stamp,
        "text": phrase.text,
        "cypher": phrase.cypher,
        "isUpdateQuery": False,
        "isWriteTransactionChecked": False,
        "hasCypherErrors": False,
        "params": [_parameter(parameter) for parameter in phrase.parameters],
    }


def _parameter(parameter: PhraseParameter) -> dict[str, Any]:
    return {
        "name": f"${parameter.name}",
        "dataType": "String",
        "collapsed": False,
        "suggestionLabel": parameter.label,
        "suggestionProp": parameter.property,
        "suggestionBoolean": parameter.cypher is not None,
        "cypher": parameter.cypher,
    }


def _action(action: SceneAction, numbers: Mapping[str, int]) -> dict[str, Any]:
    stamp = _stamp(action.name)
    return {
        "name": action.name,
        "id": f"action:{stamp}",
        "createdAt": stamp,
        "cypher": action.cypher,
        "isUpdateQuery": False,
        "hasCypherErrors": False,
        "categories": [numbers[label] for label in action.labels] or None,
        "relationshipTypes": None,
    }


def _stamp(text: str) -> int:
    """Return a time of the text's own, in milliseconds: ids that stay when a phrase is added before it."""
    digest = hashlib.blake2b(text.encode(), digest_size=4).digest()
    return MADE_AT + int.from_bytes(digest, "big")


def _text_on(colour: str) -> str:
    """Return black or white, whichever is read better on the colour."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#FFFFFF"
