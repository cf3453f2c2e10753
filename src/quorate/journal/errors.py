"""What can go wrong with the journal, each with a code and a sentence that says what to do."""

from quorate.domain.errors import QuorateError, Refused, Unavailable


class JournalUnavailable(Unavailable):
    """The journal cannot be written just now. The batch is not in it, unless `outcome_unknown`."""

    code = "journal_unavailable"
    outcome_unknown = False


class JournalOutcomeUnknown(JournalUnavailable):
    """The connection broke while a batch was being committed, and the journal cannot be asked yet.

    Appending the very same batch again is safe: it is looked for before it is written.
    """

    code = "journal_outcome_unknown"
    outcome_unknown = True


class SpoolUnavailable(Unavailable):
    """What a venue says cannot be kept on disk while the journal is away."""

    code = "spool_unavailable"


class JournalRefused(Refused):
    """The database would not take this batch, for example because a trade id is there already. Nothing was written."""

    code = "journal_refused"


class KindUnknown(Refused, ValueError):
    """The journal tells of something that this release has no word for: a story with a gap is not traded on."""

    code = "kind_unknown"


class FencedOut(Refused):
    """Another desk has taken over the account: this one must stop at once."""

    code = "fenced_out"


class LeaseHeld(Refused):
    """Another desk is writing the account."""

    code = "lease_held"


class LeaseLost(Unavailable):
    """The connection that proved this desk alive is gone; another desk may take over at any moment."""

    code = "lease_lost"


class ChainBroken(QuorateError):
    """The journal does not verify."""

    code = "chain_broken"
    exit_code = 5
