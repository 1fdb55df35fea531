"""The whole graph as files for Neo4j's offline importer: a first load of millions in minutes.

Equal to what the driver's store writes from the same patches: properties, native types, labels and counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from graph_schema.conformance import conform
from graph_schema.constraints import STATE_LABEL
from graph_schema.desired import display_band
from graph_schema.nodes import NODE_KIND, Node, PropertyValue
from graph_schema.relationships import HOLDING_TYPES, RELATIONSHIP_TYPE, Link, Patch
from graph_schema.store import StoreError
from graph_schema.words import node_words

ARGUMENTS = "import.args"
"""The file of arguments that the importer reads."""
ARRAY_DELIMITER = "\x1f"
"""No text that Kith takes in holds a control character."""

_TYPES = {
    "text": "string",
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "instant": "datetime",
    "texts": "string[]",
}
_OPTIONS = (
    "--overwrite-destination=true",
    "--array-delimiter=U+001F",
    "--multiline-fields=true",
    "--legacy-style-quoting=false",
)

Columns = tuple[tuple[str, str], ...]
"""Property and its type in the file, in the order of the columns."""


def write_import_files(folder: Path, patches: Iterable[Patch], sequence: int) -> Counter[str]:
    """Write the graph that these patches make, each owner's once, into an empty folder.

    Every node that a link joins must be in some patch; weak links without one of their ends are left out, as
    a store does. Persons first keeps memory low: links to what comes later wait in it, as do the ids of all
    nodes and the shared nodes. Returns how many nodes of each kind and links of each type there are.
    Raises: StoreError for what the declaration does not allow, OSError.
    """
    with ExitStack() as stack:
        files = _Files(folder, stack)
        for patch in map(conform, patches):
            files.add(patch)
        files.finish(sequence)
    return files.counts


class _Files:
    """Open files, one for each kind or type and native types, and what must be known of the whole graph."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._stack = stack
        self._open: dict[tuple[str, Columns], IO[str]] = {}
        self._named: list[str] = []
        self._ids: set[str] = set()
        self._shared: dict[str, Node] = {}
        self._held: set[str] = set()
        self._holders: Counter[str] = Counter()
        self._late: list[tuple[str, Link]] = []

    def add(self, patch: Patch) -> None:
        """Write what one owner contributes; what others decide on waits for `finish`."""
        for node in patch.nodes:
            if NODE_KIND[node.kind].shared:
                self._shared[node.id] = node
            elif node.id in self._ids:
                raise StoreError(f"a {node.kind} node has two owners: rebuild the graph first")
            else:
                self._node(node, {"owner": patch.owner})
        self._holders.update({link.end: 1 for link in patch.links if link.type in HOLDING_TYPES})
        for link in patch.links:
            weak = RELATIONSHIP_TYPE[link.type].weak
            if not weak and link.end in self._shared:
                self._held.add(link.end)
            if all(end in self._ids or (end in self._held and not weak) for end in (link.start, link.end)):
                self._link(link, patch.owner)
            else:
                self._late.append((patch.owner, link))

    def finish(self, sequence: int) -> None:
        """Write shared nodes that a link holds, the links that waited, the state and the arguments."""
        for id_ in sorted(self._held):
            holders = self._holders[id_]
            kept: dict[str, PropertyValue] = {"holder_count": holders, "display_band": display_band(holders)}
            self._node(self._shared[id_], kept)
        for owner, link in self._late:
            if {link.start, link.end} <= self._ids:
                self._link(link, owner)
            elif not RELATIONSHIP_TYPE[link.type].weak:
                raise StoreError(f"an end of a {link.type} link is absent: rebuild the graph first")
        types = {"id": "text", "sequence": "integer"}
        state: dict[str, PropertyValue] = {"id": "graph", "sequence": sequence}
        self._write("nodes", STATE_LABEL, types, state, {":LABEL": STATE_LABEL})
        report = f"--report-file={(self._folder / 'import.report').absolute()}"
        lines = "".join(f'"{line}"\n' for line in (*_OPTIONS, report, *self._named))
        (self._folder / ARGUMENTS).write_text(lines, "utf-8")

    def _node(self, node: Node, kept: Mapping[str, PropertyValue]) -> None:
        kind = NODE_KIND[node.kind]
        values: dict[str, PropertyValue] = {"id": node.id, **node.properties, **kept}
        if kind.search:
            values["search_words"] = " ".join(node_words(node))
        types = {"id": "text", "owner": "text", "search_words": "text", **kind.properties}
        self._write("nodes", node.kind, types, values, {":LABEL": ARRAY_DELIMITER.join(node.labels)})
        self._ids.add(node.id)
        self.counts[node.kind] += 1

    def _link(self, link: Link, owner: str) -> None:
        types = {"id": "text", "owner": "text", **RELATIONSHIP_TYPE[link.type].properties}
        values: dict[str, PropertyValue] = {"id": link.id, "owner": owner, **link.properties}
        ends = {":START_ID": link.start, ":END_ID": link.end, ":TYPE": link.type}
        self._write("relationships", link.type, types, values, ends)
        self.counts[link.type] += 1

    def _write(
        self,
        what: str,
        name: str,
        types: Mapping[str, str],
        values: Mapping[str, PropertyValue],
        structure: Mapping[str, str],
    ) -> None:
        columns = tuple((column, _type(type_, values.get(column))) for column, type_ in types.items())
        file = self._open.get((name, columns))
        if file is None:
            file = self._begin(what, name, columns, structure)
        cells = [_cell(values.get(column)) for column, _ in columns]
        file.write(",".join([*map(_cell, structure.values()), *cells]) + "\n")

    def _begin(self, what: str, name: str, columns: Columns, structure: Mapping[str, str]) -> IO[str]:
        """Open the file of a kind or type and its native types, and write its head."""
        path = self._folder / f"{name}-{len(self._open)}.csv"
        file = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._open[name, columns] = file
        self._named.append(f"--{what}={path.absolute()}")
        typed = [
            "id:ID" if column == "id" and what == "nodes" else f"{column}:{type_}"
            for column, type_ in columns
        ]
        file.write(",".join([*structure, *typed]) + "\n")
        return file


def _type(declared: str, value: PropertyValue | None) -> str:
    """Return the file's type of a property; what may be a date or an instant is what its value is."""
    if declared == "date_or_instant":
        declared = "date" if isinstance(value, str) and len(value) == 10 else "instant"
    return _TYPES[declared]


def _cell(value: PropertyValue | None) -> str:
    """Return a value as a cell: nothing where there is none, which is not the same as an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = ARRAY_DELIMITER.join(value) if isinstance(value, tuple) else value
    return '"' + text.replace('"', '""') + '"'
