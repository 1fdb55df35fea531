"""The errors of resolution; all derive from `ResolutionError`."""


class ResolutionError(Exception):
    """Something resolution cannot do, with the remedy in its message."""


class UnknownLevel(ResolutionError):
    """A comparison vector has a level that the model lacks."""


class PairBudgetExceeded(ResolutionError):
    """A load would compare more pairs than allowed; the message names keys, pairs and the setting."""


class NotImportable(ResolutionError):
    """A model of the other engine has what this one lacks, or the other way round; the message names it."""


class NoUsableComparison(ResolutionError):
    """No comparison has enough filled values to train on."""


class ConflictingJudgement(ResolutionError):
    """A judgement contradicts the closure of those in force; `chain` names the records between."""

    def __init__(self, message: str, chain: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.chain = chain
