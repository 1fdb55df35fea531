"""Read e-mail addresses."""

import re
import unicodedata

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NOBODY = frozenset(
    {"noreply", "no-reply", "donotreply", "none", "unknown", "noemail", "no-email", "test", "na"}
)


def email(value: str) -> str | None:
    """Return an e-mail address in lower case without display name or tag (`+x`); `None` if it is none."""
    text = unicodedata.normalize("NFKC", str(value)).strip().lower().removeprefix("mailto:")
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    if _EMAIL.fullmatch(text) is None:
        return None
    local, domain = text.split("@")
    local = local.split("+")[0] or local
    return None if local in _NOBODY else f"{local}@{domain}"
