"""Why the venue and the ledger differ, in the words of the journal: who tells people what to do knows a break by them.

Journals keep these words, so that a break of last year is told like one of today.
"""

UNEXPLAINED = "no execution explains it"
VANISHED = "vanished at the venue"
OPEN_THOUGH_VOID = "was void and is open at the venue"
"""These two end a reason that begins with the order's id."""
OVERFILLED = "more was executed than was asked for"
OVERCLOSED = "more was closed than was open"
CLOSED_BY_OTHERS = "it was closed at the venue by no order of ours"
