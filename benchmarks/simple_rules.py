"""What simple rules would join: the least that a resolver must beat."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from resolvers.features import Features
from resolvers.recipe import identifying


def join_by_rules(features: Sequence[Features]) -> list[int]:
    """Return the cluster of each record: whoever shares a rule's key with whom, and so on.

    The rules: the same given and family name and the same date, as it is said, of birth or of a career step;
    the same identifier, e-mail address or phone number and the same given or family name.
    """
    root = list(range(len(features)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    first: dict[tuple[str, ...], int] = {}
    for index, record in enumerate(features):
        for key in _keys(record):
            a, b = find(first.setdefault(key, index)), find(index)
            root[max(a, b)] = min(a, b)
    return [find(index) for index in range(len(features))]


def _keys(record: Features) -> Iterator[tuple[str, ...]]:
    names = [(name[0], name[2].replace(" ", "")) for name in record.column("name") if name[0] and name[2]]
    dates = defaultdict(list)
    columns = [column for column, _ in record.columns]
    for column in columns:
        if column == "birth" or column.startswith("date:"):
            dates[column] = [value for value in record.column(column) if isinstance(value, str)]
    for given, family in names:
        for column, values in dates.items():
            yield from ((given, family, column, value) for value in values)
        for column in identifying(columns):
            for value in record.column(column):
                if isinstance(value, str):
                    yield (column, value, "given", given)
                    yield (column, value, "family", family)
