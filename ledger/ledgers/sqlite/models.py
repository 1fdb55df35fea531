"""The linkage model in force, in SQLite; former ones are kept."""

from ledger.ledgers.sqlite.transaction import Transaction

_LAST = "FROM model ORDER BY sequence DESC LIMIT 1"


class SqliteModels:
    """The facet `Models`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def current(self) -> str | None:
        """Return the JSON text of the promoted model, None before the first promotion."""
        text: str | None = self._tx.value(f"SELECT body {_LAST}")
        return text

    def current_id(self) -> str | None:
        """Return the id under which it was promoted."""
        id_: str | None = self._tx.value(f"SELECT id {_LAST}")
        return id_

    def promote(self, text: str, model_id: str, actor: str) -> int:
        """Put a model in force; return the sequence of the promotion."""
        sequence = self._tx.append("model.promote", model_id, actor, {})
        self._tx.run("INSERT INTO model VALUES (?, ?, ?)", sequence, model_id, text)
        return sequence
