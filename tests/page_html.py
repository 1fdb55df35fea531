"""The parts of a page's HTML that its tests look at."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})


@dataclass(frozen=True, slots=True)
class Tag:
    """One element: its name, attributes, the elements it stands in, and the text inside it."""

    name: str
    attributes: dict[str, str]
    within: tuple[str, ...] = ()
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text inside, children's too, white space made single."""
        return " ".join(" ".join(self.words).split())


class Outline(HTMLParser):
    """Every element of a page in order. Raises: ValueError where tags do not close as they opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self._open: list[Tag] = []
        self.feed(html)
        self.close()
        if self._open:
            raise ValueError(f"never closed: {[tag.name for tag in self._open]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        made = Tag(tag, {name: value or "" for name, value in attrs}, tuple(one.name for one in self._open))
        self.tags.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that closes itself, as SVG's do."""
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the element opened last."""
        if not self._open or self._open[-1].name != tag:
            raise ValueError(f"</{tag}> closes {self._open[-1].name if self._open else 'nothing'}")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Give text to every element that is open."""
        for tag in self._open:
            tag.words.append(data)

    def all(self, name: str, /, **attributes: str) -> list[Tag]:
        """Return the elements of a name with these attributes; `class_` is one of its classes."""
        return [tag for tag in self.tags if tag.name == name and _matches(tag, attributes)]

    def one(self, name: str, /, **attributes: str) -> Tag:
        """Return the only such element. Raises: ValueError when there are none or several."""
        (found,) = self.all(name, **attributes)
        return found


def _matches(tag: Tag, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        said = tag.attributes.get(name.rstrip("_").replace("_", "-"))
        if said is None or (value not in said.split() if name == "class_" else value != said):
            return False
    return True
