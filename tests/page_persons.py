"""Made-up bodies of persons, why and how, for the page tests."""

from app.messages import (
    Attribute,
    ComparisonView,
    EntityView,
    HowView,
    MergeStep,
    RecordView,
    TimelineItem,
    TimelineView,
    Value,
    WhyView,
)

RACHEL, DEAN = "eaaa", "eaab"


def why(**changes: object) -> WhyView:
    view = WhyView(
        left="hr|104233",
        right="custody|88120",
        sentence="These are one person because phone and date of birth are equal and the names are close.",
        same_entity=True,
        match_weight=8.6,
        match_probability=0.99743,
        prior_bits=-20.9,
        join_threshold_bits=4.25,
        review_threshold_bits=0.0,
        distance_bits=4.35,
        comparisons=[
            ComparisonView(
                name="name",
                title="Name",
                level="close",
                bits=7.1,
                term_frequency_bits=1.7,
                left="Rachel Anne Whitcombe",
                right="R Whitcomb",
            ),
            ComparisonView(
                name="birth",
                title="Date of birth",
                level="exact",
                bits=9.2,
                left="14 Mar 1984",
                right="14 Mar 1984",
            ),
            ComparisonView(
                name="phone",
                title="Phone",
                level="exact",
                bits=14.2,
                left="07700 900418",
                right="07700 900418",
                note="2 records hold it",
            ),
            ComparisonView(
                name="address",
                title="Address",
                level="other street",
                bits=-2.7,
                left="3 Harbour Row",
                right="14 Alder Close",
            ),
            ComparisonView(
                name="email",
                title="E-mail",
                level="missing on a side",
                bits=0.0,
                left="r.whitcombe@force.example",
            ),
        ],
        shared_blocking=["phone", "birth date + surname"],
        missed_blocking=["postcode + house number"],
        model_id="default",
    )
    return view.model_copy(update=changes)


def record(source: str, source_id: str, name: str) -> RecordView:
    return RecordView(
        number=1,
        source=source,
        source_id=source_id,
        version=1,
        sequence=4,
        first_recorded_at="2026-11-22T02:00:00Z",
        recorded_at="2026-11-22T02:00:00Z",
        content_hash="00",
        entity_id=RACHEL,
        attributes={"name": [{"full": name}], "phone": [{"number": "07700 900418"}]},
    )


def entity(**changes: object) -> EntityView:
    def value(display: str, *sources: str, start: str | None = None, end: str | None = None) -> Value:
        return Value(
            parts={"full": display}, display=display, sources=list(sources), valid_from=start, valid_to=end
        )

    view = EntityView(
        entity_id=RACHEL,
        display_name="Rachel Whitcombe",
        staff=True,
        record_count=3,
        weakest_match_weight=8.6,
        attributes=[
            Attribute(
                name="name",
                values=[value("Rachel Anne Whitcombe", "hr|104233"), value("R Whitcomb", "custody|88120")],
            ),
            Attribute(name="date_of_birth", values=[value("14 March 1984", "hr|104233", "custody|88120")]),
            Attribute(
                name="address",
                values=[
                    value("3 Harbour Row, NW4 2LT", "hr|104233", start="2023-05-20"),
                    value("14 Alder Close, NW4 7QD", "housing|3381", start="2021-06-01", end="2023-05-20"),
                ],
                conflict=True,
            ),
            Attribute(name="phone", values=[value("07700 900418", "hr|104233", "custody|88120")]),
        ],
        findings=["f1"],
        sequence=42,
    )
    return view.model_copy(update=changes)


def how() -> HowView:
    first = MergeStep(
        left=["hr|104233"],
        right=["housing|3381"],
        weight=17.8,
        sentence="HR 104233 and Housing 3381 agree on name, date of birth and staff number.",
    )
    second = MergeStep(
        left=["hr|104233", "housing|3381"],
        right=["custody|88120"],
        weight=8.6,
        sentence="Custody 88120 joins by phone and date of birth.",
    )
    return HowView(
        entity_id=RACHEL,
        sentence="Three records joined in two steps; the weakest is 8.6 bits, 4.3 above the threshold.",
        steps=[first, second],
        weakest=second,
        minimal_evidence=["phone"],
        model_id="default",
    )


def history() -> TimelineView:
    def item(lane: str, label: str, start: str | None, end: str | None) -> TimelineItem:
        return TimelineItem(
            lane=lane, kind=lane, label=label, start=start, end=end, source="hr", source_id="104233"
        )

    return TimelineView(
        entity_id=RACHEL,
        items=[
            item("address", "14 Alder Close", "2021-06-01", "2023-05-20"),
            item("address", "3 Harbour Row", "2023-05-20", None),
            item("phone", "07700 900418", "2024-03-01", None),
            item("complaint", "Complaint 22/118", "2022-09-04", "2022-09-04"),
        ],
    )
