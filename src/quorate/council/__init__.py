"""Many votes become one verdict: what counts as a vote, when a quorum agrees, and how the trade it asks for ends."""
