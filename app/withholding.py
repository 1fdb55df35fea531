"""What restrictions withhold, kept up to who is who: records, and the findings that rest on them."""

from collections.abc import Collection

from ledger.ledger import Session

Changed = tuple[frozenset[int], frozenset[str]]
"""Record numbers that came under a restriction or went from under it, and findings set aside with them."""

_NOTHING: Changed = (frozenset(), frozenset())


def extend(session: Session) -> Changed:
    """Let restrictions of persons hold for the records these have now; return what that changed."""
    reached = session.restrictions.extend()
    if not reached:
        return _NOTHING
    findings = {
        id_ for restriction, numbers in reached.items() for id_ in _rest(session, restriction, numbers)
    }
    return frozenset(number for numbers in reached.values() for number in numbers), frozenset(findings)


def set_aside(session: Session, restriction: str, numbers: Collection[int]) -> Changed:
    """Withhold what rests on newly restricted records, and whatever else of their persons that reaches."""
    findings = _rest(session, restriction, numbers)
    more, others = extend(session)
    return more.union(numbers), others.union(findings)


def naming(session: Session, numbers: Collection[int]) -> list[int]:
    """Return the numbers of the events that name these records in any of their versions, ascending."""
    keys = [row.key for row in session.records.by_number(numbers).values()]
    alone, shared = session.erasures.mentioning(keys)
    return sorted({*alone, *shared})


def _rest(session: Session, restriction: str, numbers: Collection[int]) -> list[str]:
    """Set aside the findings about the persons of these records, or that cite one or an event naming one."""
    withheld = session.restrictions.withheld(numbers)
    if not withheld:
        return []
    facts = {
        ("record", row.key.source, row.key.source_id) for row in session.records.by_number(withheld).values()
    }
    events = session.events.keys(naming(session, withheld)).values()
    facts |= {("event", key.source, key.event_id) for key in events}
    findings = session.findings.citing(facts, session.identity.ever_of(withheld))
    session.restrictions.set_aside(restriction, findings)
    return list(findings)
