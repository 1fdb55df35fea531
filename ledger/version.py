"""Which of two versions stands: the rule for records, events and their tombstones alike."""

from dataclasses import dataclass

from ledger.entry import Erased, Status, VersionConflict


@dataclass(frozen=True, slots=True)
class Held:
    """The version in force of one key; `content_hash` is empty for a tombstone."""

    number: int
    version: int
    sequence: int
    first_sequence: int
    live: bool
    content_hash: bytes
    certificate: str | None = None


def decide(held: Held | None, version: int | None, content_hash: bytes) -> tuple[Status, int]:
    """Return what a push does and the version in force afterwards.

    With explicit versions the highest stands, in any order of arrival. Without: same content is a duplicate,
    other content the next version.
    Raises: VersionConflict (same version, other content), Erased, ValueError (version below 1).
    """
    if version is not None and version < 1:
        raise ValueError("version: must be 1 or more")
    if held is None:
        return Status.ACCEPTED, version or 1
    if held.certificate is not None:
        raise Erased(held.certificate)
    if version is None:
        if content_hash == held.content_hash:
            return Status.DUPLICATE, held.version
        return Status.ACCEPTED, held.version + 1
    if version < held.version:
        return Status.STALE, held.version
    if version > held.version:
        return Status.ACCEPTED, version
    if content_hash == held.content_hash:
        return Status.DUPLICATE, version
    raise VersionConflict(
        f"version {version} is known with other content: push the new content under a higher version"
    )
