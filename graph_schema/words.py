"""The words by which nodes are searched, the same in every store."""

from graph_schema.nodes import NODE_KIND, Node
from resolvers.normalisation.texts import fold


def text_words(text: str) -> list[str]:
    """Return the distinct folded words of a text (lower-case ASCII letters and digits), longest first.

    Longest first, then by spelling: a long word is the rarer one, so it is looked up first.
    """
    return sorted(set(fold(text).split()), key=lambda word: (-len(word), word))


def node_words(node: Node) -> list[str]:
    """Return the distinct folded words of a node's search properties, sorted."""
    words: set[str] = set()
    for name in NODE_KIND[node.kind].search:
        value = node.properties.get(name)
        if isinstance(value, str):
            words.update(fold(value).split())
        elif isinstance(value, tuple):
            for item in value:
                words.update(fold(item).split())
    return sorted(words)
