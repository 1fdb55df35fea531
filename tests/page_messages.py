"""Messages to render: one of each kind a page shows, of made-up people."""

from page_persons import entity, history, how, record, why
from page_quarantine import quarantine_pages

from app.messages import (
    AuditView,
    EvidenceView,
    ExplanationView,
    FindingMention,
    FindingSummary,
    FindingsView,
    FindingView,
    FreshnessView,
    HistoryView,
    JudgementView,
    LinkView,
    MemberView,
    NetworkView,
    NodeView,
    OutcomesView,
    PersonView,
    ReadyView,
    ReplyView,
    ReviewPair,
    ReviewView,
    SubjectView,
    WeekView,
)
from app.ui.finding_pages import QUEUES, Tiles, by_source
from app.ui.person_pages import links_of
from app.ui.review_pages import DONE, Told

RACHEL, DEAN = "eaaa", "eaab"
NOW = "2026-11-22T02:00:00Z"


def subjects() -> list[SubjectView]:
    return [
        SubjectView(role="member_of_staff", entity_id=RACHEL, name="Rachel Whitcombe", staff=True),
        SubjectView(role="related_person", entity_id=DEAN, name="Dean Harrow"),
    ]


def summary(number: int = 1, **changes: object) -> FindingSummary:
    base = FindingSummary(
        id=f"f{number}",
        pattern="linked_lookup",
        pattern_title="Look-up on a linked person",
        title="Looked up a person who shares a phone and a home with the one who looked",
        severity="urgent",
        state="new",
        subjects=subjects(),
        evidence_count=6,
        created_at="2026-11-22T04:10:00Z",
        updated_at="2026-11-22T04:10:00Z",
        version=1,
    )
    return base.model_copy(update=changes)


def summaries() -> list[FindingSummary]:
    rows = [
        (
            "Looked up a person who shares a phone and a home with the one who looked",
            "urgent",
            "Look-up on a linked person",
        ),
        ("Three members of staff and one company address", "review", "Shared address"),
        ("A vehicle is kept by a complainant and by the household of who investigates", "review", "Own case"),
        ("Two members of staff are paid into one account", "look", "Shared phone or account"),
        ("Named together in five complaints of eleven", "look", "Repeated co-complaint"),
        ("Two members of staff name one phone as their own", "note", "Shared phone or account"),
    ]
    return [
        summary(
            n,
            title=title,
            severity=severity,
            pattern_title=pattern,
            evidence_count=9 - n,
            created_at=f"2026-11-{22 - n // 2:02}T04:10:00Z",
        )
        for n, (title, severity, pattern) in enumerate(rows, 1)
    ]


def node(id_: str, kind: str, name: str, *labels: str, **properties: object) -> NodeView:
    return NodeView(id=id_, kind=kind, labels=[kind, *labels], display_name=name, properties=properties)


NODES = (
    node(RACHEL, "Person", "Rachel Whitcombe", "Staff", date_of_birth="1984-03-14", staff_numbers=["7731"]),
    node(DEAN, "Person", "Dean Harrow", date_of_birth="1981-07-02"),
    node("p1", "Phone", "07700 900418", holder_count=2),
    node("a1", "Address", "14 Alder Close, Northway", holder_count=2),
    node("x1", "Event", "Look-up, 3 Jan 2025", "LookUp"),
    node("v1", "Vehicle", "KX19 VRT", holder_count=1),
    node("m1", "Email", "alder@example.org", holder_count=1),
    node("o1", "Organisation", "Northway Station", holder_count=240, display_band="hub"),
)


def link(id_: str, type_: str, start: str, end: str, **properties: object) -> LinkView:
    names = {one.id: one.display_name for one in NODES}
    sentence = f"{names[start]} {type_.lower().replace('_', ' ')} {names[end]}"
    return LinkView(id=id_, type=type_, sentence=sentence, start=start, end=end, properties=properties)


LINKS = (
    link("l1", "USES", RACHEL, "p1", valid_from="2024-03-01", sources=["hr|104233"]),
    link("l2", "USES", DEAN, "p1", valid_from="2025-01-03", sources=["custody|88120"]),
    link(
        "l3",
        "LIVES_AT",
        RACHEL,
        "a1",
        valid_from="2021-06-01",
        valid_to="2023-05-20",
        sources=["housing|3381"],
    ),
    link("l4", "LIVES_AT", DEAN, "a1", valid_from="2022-02-01", sources=["housing|9001"]),
    link("l5", "INVOLVES", "x1", RACHEL, role="looked"),
    link("l6", "INVOLVES", "x1", DEAN, role="looked_at"),
    link("l7", "DRIVES", DEAN, "v1"),
    link("l9", "USES", DEAN, "m1"),
    link("l8", "WORKS_FOR", RACHEL, "o1", role="constable"),
)


def network() -> NetworkView:
    return NetworkView(nodes=list(NODES), links=list(LINKS), truncated=False)


Fact = tuple[str, str, str, str | None, str | None, str | None, str, str | None, str | None]

FACTS: tuple[Fact, ...] = (
    (
        "housing",
        "3381",
        "She lived at 14 Alder Close",
        RACHEL,
        "2021-06-01",
        "2023-05-20",
        "makes",
        "a1",
        "l3",
    ),
    ("housing", "9001", "He lives at 14 Alder Close", DEAN, "2022-02-01", None, "makes", "a1", "l4"),
    ("hr", "104233", "She uses 07700 900418", RACHEL, "2024-03-01", None, "makes", "p1", "l1"),
    ("custody", "88120", "He uses 07700 900418", DEAN, "2025-01-03", None, "makes", "p1", "l2"),
    ("access_log", "A-553", "Look-up", RACHEL, "2025-01-03T09:12:00Z", None, "makes", "x1", "l5"),
    ("vehicles", "KX19", "He keeps KX19 VRT", DEAN, None, "2024-08-01", "context", "v1", "l7"),
)


def fact(given: Fact) -> EvidenceView:
    source, source_id, sentence, entity_id, start, end, weight, node_id, link_id = given
    return EvidenceView(
        origin="event" if source == "access_log" else "record",
        source=source,
        source_id=source_id,
        sentence=sentence,
        weight=weight,
        valid_from=start,
        valid_to=end,
        entity_id=entity_id,
        node_id=node_id,
        link_id=link_id,
        recorded_at="2026-11-22T02:00:00Z",
    )


def explanation(name: str, title: str, outcome: str, sentence: str) -> ExplanationView:
    return ExplanationView(id=name, title=title, outcome=outcome, sentence=sentence)


def finding(**changes: object) -> FindingView:
    view = FindingView(
        **summary().model_dump(exclude={"subjects"}),
        subjects=subjects(),
        sentence="Rachel Whitcombe looked up Dean Harrow nine times between 3 and 19 January 2025. "
        "Both use 07700 900418, and both are recorded at 14 Alder Close from February 2022 to May 2023. "
        "No declaration names him, and no task number covers the look-ups.",
        numbers={"look_ups": 9, "days": 17, "link_bits": 14.2},
        evidence=[fact(given) for given in FACTS],
        explanations=[
            explanation("declared", "Declared association", "failed", "No entry names Dean Harrow."),
            explanation(
                "recycled",
                "Recycled number",
                "not_checkable",
                "No source says when it was given out.",
            ),
            explanation("task", "Look-up for a task", "failed", "0 of 9 look-ups carry a task number."),
        ],
        refuter="A declaration before 3 January 2025, or a task that covers the look-ups.",
        pattern_version=1,
        graph=network(),
        history=[
            HistoryView(
                at="2026-11-22T04:10:00Z",
                state="new",
                actor="linked_lookup",
                reason="raised by the nightly run",
            )
        ],
    )
    return view.model_copy(update=changes)


def findings_view(items: list[FindingSummary] | None = None) -> FindingsView:
    rows = summaries() if items is None else items
    return FindingsView(
        week=WeekView(budget=40, decided=3, shown=len(rows), waiting=2 if rows else 0),
        total=len(rows),
        next=None,
        items=rows,
        counts={"new": len(rows), "innocent": 3, "escalated": 1} if rows else {},
    )


def so_far(hint: str | None = None) -> OutcomesView:
    states = {"innocent": 6, "wrong_data": 2, "escalated": 3}
    interval = [0.1, 0.57]
    return OutcomesView(
        states=states, decided=11, precision=3 / 11, interval=interval, named=25, one_in=80, hint=hint
    )


def pair() -> ReviewPair:
    return ReviewPair(
        left="hr|104233",
        right="custody|88120",
        why=why(match_weight=2.1, same_entity=False),
        left_record=record("hr", "104233", "Rachel Anne Whitcombe"),
        right_record=record("custody", "88120", "R Whitcomb"),
        kind="reopened",
        asked_because="A reviewer said that these are different people. New evidence speaks against it.",
        if_same="1 record of R Whitcomb joins Rachel Whitcombe (2 records).",
        expected_change=1.2,
        left_person=PersonView(
            entity_id=RACHEL,
            display_name="Rachel Whitcombe",
            record_count=2,
            weakest_match_weight=17.8,
            members=[
                MemberView(record="hr|104233", name="Rachel Anne Whitcombe", joined_at=17.8),
                MemberView(record="housing|3381", name="Rachel Whitcombe", joined_at=17.8),
            ],
            findings=[FindingMention(id="f1", title="Looked up a person who shares a home")],
        ),
        right_person=PersonView(
            entity_id=DEAN,
            display_name="R Whitcomb",
            record_count=1,
            weakest_match_weight=None,
            members=[MemberView(record="custody|88120", name="R Whitcomb", joined_at=None)],
            findings=[],
        ),
        history=[
            JudgementView(
                id="jaaaaaaa",
                version=1,
                verdict="different",
                author="D. Okafor#k1",
                reason="Met both of them.",
                at="2026-11-23T10:00:00Z",
                weight=-4.0,
            )
        ],
    )


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """Every page by name: its template and what it is rendered from."""
    base: dict[str, object] = {"here": "/", "actor": "D. Okafor"}
    inbox = {
        "view": findings_view(),
        "tiles": Tiles(new=6, in_hand=2, innocent=3, decided=4),
        "severities": [("urgent", 1), ("review", 2), ("look", 2), ("note", 1)],
        "asked": {"state": "new", "severity": "", "pattern": "", "queue": ""},
        "queues": QUEUES,
        "patterns": [("linked_lookup", "Look-up on a linked person")],
        "next_url": None,
        "loaded": True,
        "found": 10,
    }
    nothing = {
        "view": findings_view([]),
        "tiles": Tiles(0, 0, 0, 0),
        "severities": [("urgent", 0)],
        "found": 0,
    }
    said = finding()
    one_finding = {
        "finding": said,
        "names": {subject.entity_id: subject.name for subject in said.subjects},
        "staff": {RACHEL},
        "weights": {fact.link_id: fact.weight for fact in said.evidence},
        "sources": by_source(said.evidence),
        "reply_problem": None,
        "outcomes": None,
        "outage": None,
        "message": None,
        "problem": None,
        "reason": None,
    }
    decided = {**one_finding, "finding": finding(state="innocent"), "outcomes": so_far()}
    answered = {
        **one_finding,
        "finding": finding(
            replies=[ReplyView(at=NOW, received_on="2026-02-03", text="My lodger.", actor="d#1")]
        ),
        "reply_problem": "Write what was answered, and the day it came.",
        "outcomes": so_far(hint="This rule names 1 in 80 of the staff. Ask what makes it so common."),
    }
    one_person = {
        "entity": entity(),
        "history": history(),
        "network": network(),
        "links": links_of(RACHEL, network()),
        "source_records": [
            record("hr", "104233", "Rachel Anne Whitcombe"),
            record("custody", "88120", "R Whitcomb"),
        ],
        "how": how(),
        "finding_titles": {"f1": "Looked up a linked person"},
        "outage": None,
    }
    down = {**one_person, "network": None, "links": [], "outage": "Links are not shown."}
    one_pair = {
        "view": ReviewView(pair=pair(), next="2_-0.4_1_2", position=1, waiting=7, decided=3),
        "pair": pair(),
        "told": Told(message=DONE["same"], last="jaaaaaaa.1"),
        "after": None,
    }
    fresh = FreshnessView(
        source="hr", records=2000, events=0, rows=0, last_recorded_at="2026-11-22T02:00:00Z", quarantined=3
    )
    ready = ReadyView(ready=True, sequence=9, redo=0, outbox=1, detections=0, graph="embedded", problems=[])
    look = AuditView(
        position=7,
        recorded_at="2026-11-22T02:00:00Z",
        actor="first#1",
        role="investigator",
        audit_class="read_person",
        action="GET /v1/entities/{entity_id}",
        objects=[RACHEL],
        count=1,
        purpose=None,
        outcome="allowed",
    )
    made: dict[str, tuple[str, dict[str, object]]] = {
        "inbox": ("findings.html", inbox),
        "inbox of an empty store": ("findings.html", {**inbox, **nothing, "loaded": False}),
        "inbox without findings": ("findings.html", {**inbox, **nothing}),
        "inbox without a match": ("findings.html", {**inbox, **nothing, "found": 4}),
        "finding": ("finding.html", one_finding),
        "finding with a problem": ("finding.html", {**one_finding, "problem": "Choose.", "reason": "none"}),
        "finding decided": ("finding.html", decided),
        "finding answered": ("finding.html", answered),
        "person": ("entity.html", one_person),
        "person, graph down": ("entity.html", down),
        "why": ("why.html", {"why": why(), "entity_id": RACHEL}),
        "explorer": ("explore.html", {"q": "", "start": {"entity": RACHEL}}),
        "review": ("review.html", one_pair),
        "review, nothing waits": ("review.html", {**one_pair, "pair": None, "after": "1.2"}),
        "sources": ("sources.html", {"freshness": [fresh], "ready": ready}),
        "sources of an empty store": ("sources.html", {"freshness": [], "ready": ready}),
        "audit": ("audit.html", {"entries": [look], "entity": "", "earlier": 5}),
        "audit of nobody": ("audit.html", {"entries": [], "entity": "eaaa", "earlier": None}),
        "problem": ("problem.html", {"title": "Erased", "detail": "it has been erased", "remedy": ""}),
    }
    made |= quarantine_pages()
    return {name: (template, {**base, **context}) for name, (template, context) in made.items()}
