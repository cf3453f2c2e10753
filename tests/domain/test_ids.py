"""Ids follow from what they name, and from nothing else."""

import base64
import hashlib
import uuid

from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.ids import client_order_id, intent_id, opposite_id, shadow_id, signal_id, trade_id

SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://quorate.invalid/ids")
words = st.text(max_size=40)


@given(words, words, st.integers(0, 2**50))
def test_ids_are_uuids_of_version_5_of_what_they_name(one: str, other: str, at_ms: int):
    told = {
        signal_id(source=one, pair=other, at_ms=at_ms, side="LONG"): f"signal|{one}|{other}|{at_ms}|LONG",
        trade_id(signal=one, portfolio=other): f"trade|{one}|{other}",
        shadow_id(analyst=one, pair=other, at_ms=at_ms, side="SHORT"): f"shadow|{one}|{other}|{at_ms}|SHORT",
        opposite_id(one): f"opposite|{one}",
        intent_id(signal=one, portfolio=other, purpose="stop", at_ms=at_ms, ordinal=2): (
            f"intent|{one}|{other}|stop|{at_ms}|2"
        ),
    }
    assert {name: str(uuid.uuid5(SPACE, text)) for name, text in told.items()} == {name: name for name in told}


@given(words, words)
def test_an_order_is_known_by_q_and_the_hash_of_what_it_is(account: str, intent: str):
    digest = hashlib.sha256(f"{account}|{intent}|1".encode()).digest()
    whole = base64.b32encode(digest).decode().lower()
    assert client_order_id(account=account, intent=intent, attempt="1") == "q" + whole[:26]
