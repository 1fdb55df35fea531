"""A member of staff and a nominal, or two members of staff, with one phone, e-mail, account or vehicle."""

from collections.abc import Iterator

from patterns.association import Association, Wording, associations
from patterns.finding import Finding, Outcome
from patterns.innocence import DECLARED, FAMILY_NAME, not_together, widely_held
from patterns.pattern import Explanation, Parameter, Pattern, Scope, Verdict, View

_WORDING = Wording(
    headline={
        "Phone": "share a phone number",
        "Email": "share an e-mail address",
        "Account": "share a bank account",
        "Vehicle": "share a vehicle",
    },
    record={"Phone": "with", "Email": "with", "Account": "with", "Vehicle": "with"},
)


def changed_hands(candidate: Association, view: View) -> Verdict:
    """Pass when a phone number was reissued or a vehicle sold: the two held it at different times.

    Accounts and e-mail addresses are not given to somebody else, so time apart does not explain them.
    """
    kind = candidate.shared.thing.kind
    if kind not in {"Phone", "Vehicle"}:
        return Verdict(Outcome.FAILED, "It is not given to somebody else after use.", {"reissued_kind": 0})
    return not_together(candidate, view)


class SharedIdentifier:
    """Ask whether staff use the phone, e-mail, account or vehicle of somebody the force has dealt with.

    Raised when both hold it at the same time, the link is worth at least `min_bits`, and no innocent
    explanation holds. A nominal is a person who is not staff and was detained, stopped or suspected in an
    event. What is shared with a colleague is a note only.
    """

    id = "shared_identifier"
    version = 1
    title = "Shared phone, e-mail, account or vehicle"
    question = "Is anyone on our books using the phone, account or car of someone we have dealt with?"
    categories: tuple[str, ...] = ("inappropriate association", "theft and fraud")
    data_needed: tuple[str, ...] = (
        "phones, e-mail addresses, accounts and vehicles with dates",
        "people in custody and stops",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "min_bits", 12, "bits", "least score of the link; each bit doubles the odds against chance"
        ),
        Parameter("min_overlap", 14, "days", "least time that both hold it together"),
        Parameter("widely_held", 5, "people", "from this many people at one time it belongs to a group"),
        Parameter("max_holders", 60, "people", "things with more people over all time give no pairs"),
    )
    explanations: tuple[Explanation, ...] = (
        DECLARED,
        Explanation("widely_held", "A switchboard, pool car or other widely shared thing", widely_held),
        Explanation("changed_hands", "A reissued number or a vehicle that was sold", changed_hands),
        FAMILY_NAME,
    )
    refuter = "The provider's or keeper's record that shows they never held it at the same time."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by thing, then by person."""
        return associations(self, _WORDING, view, scope)


PATTERN: Pattern = SharedIdentifier()
