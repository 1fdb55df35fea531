"""The store contract: domain verbs over the graph; no query text crosses it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph_schema.nodes import Node
from graph_schema.relationships import Link, Patch


class StoreError(Exception):
    """A store cannot answer; the message has the remedy."""


class UnknownName(StoreError):
    """A label or relationship type that is not declared; the message names those that are."""


class StoreUnavailable(StoreError):
    """The store's server does not answer (down, refused, timed out): try again later."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes sorted by id and links sorted by id, each link's ends among the nodes.

    `truncated` says that a cap cut something.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A simple path: n nodes, n-1 links (a link may be walked against its direction)."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """The shortest paths, ordered by node ids; `truncated` says that a cap cut something."""

    paths: tuple[Path, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class SharedNode:
    """A shared node with the links of its holders (at least two distinct persons), sorted by link id."""

    node: Node
    links: tuple[Link, ...]


class GraphStore(Protocol):
    """What every back end promises. Pinned: half-open [from, to) with absent = open, order never left to the
    back end, caps on nodes, equal answers from every store. Raises `StoreUnavailable` when it cannot be
    reached.
    """

    def apply(self, patches: Sequence[Patch], sequence: int) -> None:
        """Apply patches in order in one write transaction; `sequence` becomes the store's sequence.

        Idempotent; of several patches of one owner the last counts. Ends of links must exist afterwards: a
        link (not a weak one) whose end is absent, or anything the declaration does not allow, is a
        `StoreError`, and nothing of the call is applied.
        """

    def owners(self) -> Iterator[str]:
        """Yield every owner that has a node of its own or a link, sorted."""

    def clear(self) -> None:
        """Remove every node and link; the sequence becomes 0."""

    def sequence(self) -> int:
        """Return the ledger sequence last applied, 0 at first."""

    def get(self, ids: Collection[str]) -> Mapping[str, Node]:
        """Return the nodes that exist, by id."""

    def neighbours(
        self, node_id: str, *, types: Collection[str] | None = None, at: str | None = None, limit: int = 500
    ) -> Subgraph:
        """Return the node, its links (either direction) and their other ends.

        `types` limits the relationship types, `at` (ISO date) keeps links valid on some part of that UTC
        day; at most `limit` links, the smallest link ids first. An absent node gives an empty subgraph.
        """

    def ego(
        self,
        ids: Collection[str],
        hops: int,
        *,
        max_nodes: int = 1500,
        types: Collection[str] | None = None,
        at: str | None = None,
    ) -> Subgraph:
        """Return what lies within `hops` of `ids` and every link between the nodes returned.

        Technical kinds (SourceRecord) are left out; `types` and `at` hold for the links walked and
        returned. Ring by ring; when a ring would exceed `max_nodes`, the smallest node ids of it are kept,
        `truncated` is set and no further ring is read.
        """

    def paths(
        self,
        start: str,
        end: str,
        *,
        max_hops: int = 6,
        max_nodes: int = 5000,
        limit: int = 10,
        avoid: Collection[str] = (),
        require: Collection[str] = (),
        time_consistent: bool = False,
    ) -> PathAnswer:
        """Return the shortest simple paths, fewest hops first, ties by node ids, at most `limit`.

        One path for each sequence of nodes; of parallel links the smallest id. Technical kinds are never
        walked. `avoid` are node ids or labels not to pass through (the two ends are exempt). `require` are
        node ids each path must hold. `time_consistent` keeps paths all of whose links with an interval
        overlap in one common instant. With `require` or `time_consistent` longer paths (≤ `max_hops`) are
        tried until one length has an answer. `max_nodes` bounds the nodes seen.
        """

    def shared(
        self,
        labels: Collection[str],
        *,
        holders: Collection[str] | None = None,
        max_holders: int = 200,
    ) -> Iterator[SharedNode]:
        """Yield nodes of the shared kinds held by ≥ 2 and at most `max_holders` distinct persons, by node id.

        `holders` keeps nodes held by at least one of these persons.
        """

    def search(self, text: str, labels: Collection[str] | None = None, limit: int = 50) -> Sequence[Node]:
        """Return nodes whose search properties hold every word of `text`, case- and accent-blind.

        Whole words, see `graph_schema.words`; a text without words finds nothing. Order: display_name, then
        id.
        """

    def scan(self, label: str) -> Iterator[Node]:
        """Yield every node that carries the label (a kind or an extra label), by id."""

    def scan_edges(self, types: Collection[str]) -> Iterator[Any]:
        """Yield Arrow batches of the types (`edges.edge_batches`), by link id."""

    def counts(self) -> Mapping[str, int]:
        """Return how many nodes of each kind and links of each type there are (absent = 0)."""

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the canonical dump of nodes, links and ids."""

    def check(self) -> Iterator[str]:
        """Yield what a digest cannot see and is not sound: search words, indexes, constraints."""

    def made_at(self) -> str | None:
        """Return the instant at which the store's files were made, where deleted bytes stay in them.

        None = they do not stay, or are overwritten with the ledger's file.
        """

    def close(self) -> None:
        """Release connections."""
