"""Two members of staff recorded at one home who have not declared it."""

from collections.abc import Iterator

from patterns.association import Wording, associations
from patterns.finding import Finding
from patterns.innocence import DECLARED, FAMILY_NAME, flat_missing, not_together, widely_held
from patterns.pattern import Explanation, Parameter, Pattern, Scope, View

_WORDING = Wording(headline={"Address": "share a home"}, record={"Address": "at"})


class SharedAddress:
    """Ask which colleagues live together without having declared it.

    Raised when two members of staff are recorded at the same dwelling at the same time, the link is worth at
    least `min_bits`, and no innocent explanation holds. Always a note: it matters where one supervises,
    investigates or vouches for the other. A home shared with a nominal is `shared_home`.
    """

    id = "shared_address"
    version = 2
    title = "Colleagues at one address"
    question = "Which colleagues are recorded at one home without having declared it?"
    categories: tuple[str, ...] = ("vulnerability",)
    data_needed: tuple[str, ...] = (
        "addresses of staff with dates",
        "declared relations",
    )
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "min_bits", 12, "bits", "least score of the link; each bit doubles the odds against chance"
        ),
        Parameter("min_overlap", 60, "days", "least time that both are recorded there together"),
        Parameter("widely_held", 12, "people", "from this many people at one time a home is an institution"),
        Parameter("max_holders", 60, "people", "addresses with more people over all time give no pairs"),
    )
    explanations: tuple[Explanation, ...] = (
        DECLARED,
        Explanation("tenancies", "One moved out before the other moved in", not_together),
        Explanation("large_building", "A section house, hostel or other institution", widely_held),
        Explanation("flat_missing", "Neighbours in one building, the flat number missing", flat_missing),
        FAMILY_NAME,
    )
    refuter = "A tenancy, council tax or vetting record that shows they never lived there at the same time."
    writes_findings = True
    live = True

    def run(self, view: View, scope: Scope) -> Iterator[Finding]:
        """Yield findings by address, then by person."""
        return associations(self, _WORDING, view, scope, nominals=False)


PATTERN: Pattern = SharedAddress()
