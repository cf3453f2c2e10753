"""What is sealed opens with its master key, in its place, and nowhere else; what cannot be opened is named."""

import stat
import sys
import threading
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.accounts import venue_keys
from quorate.accounts.master_key import (
    MasterKeyMissing,
    Stretching,
    load_master_key,
    make_master_key,
    read_master_key,
    require_passphrase,
    stretch,
)
from quorate.accounts.private_files import OpenToOthers, read_private, write_private
from quorate.accounts.sealed_file import Contents, SealedFile, SealedFileDamaged, read_contents
from quorate.accounts.sealing import CannotOpen, Label, reseal, seal, unseal
from quorate.accounts.secret import Secret
from quorate.domain.errors import BadInput, Refused, Unavailable
from tests.accounts.conftest import NOW_MS, chance, master

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of files are POSIX here")
LABEL = Label(kind="venue-key", name="main", venue="kraken", version=1)


class TestEnvelope:
    @given(st.binary(max_size=300))
    def test_a_sealed_value_comes_back(self, plain):
        assert unseal(seal(plain, LABEL, master(), chance()), LABEL, master()) == plain

    @pytest.mark.parametrize(
        "other", [{"kind": "second-factor"}, {"name": "other"}, {"venue": "binance"}, {"version": 2}]
    )
    def test_a_value_moved_to_another_place_does_not_open(self, other):
        envelope = seal(b"plain", LABEL, master(), chance())
        elsewhere = replace(LABEL, **other)
        with pytest.raises(CannotOpen, match="changed, moved or damaged"):
            unseal(envelope, elsewhere, master())

    @given(st.sampled_from(["data_key", "body"]), st.integers(0, 200), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, part, place, flip):
        envelope = seal(b"plain text of some length", LABEL, master(), chance())
        sealed = bytearray(getattr(envelope, part))
        sealed[place % len(sealed)] ^= flip
        changed = type(envelope)(
            master=envelope.master,
            data_key=bytes(sealed) if part == "data_key" else envelope.data_key,
            body=bytes(sealed) if part == "body" else envelope.body,
        )
        with pytest.raises(CannotOpen):
            unseal(changed, LABEL, master())

    def test_two_values_never_share_a_data_key_or_a_nonce(self):
        draw = chance()
        first, second = (seal(b"the same", LABEL, master(), draw) for _ in range(2))
        assert first.body[:12] != second.body[:12]
        assert first.data_key != second.data_key

    def test_a_new_master_key_leaves_the_value_sealed_as_it_was(self):
        old = seal(b"plain", LABEL, master(), chance())
        new = reseal(old, LABEL, old=master(), new=master("new"), randomness=chance("again"))
        assert new.body == old.body
        assert unseal(new, LABEL, master("new")) == b"plain"
        with pytest.raises(CannotOpen, match="was sealed with master key"):
            unseal(new, LABEL, master())


class TestFile:
    def test_values_are_kept_across_openings_and_versions_grow(self, sealed):
        for text in (b"one", b"two"):
            with sealed.changing() as change:
                change.put("venue-key", "main", text, venue="kraken", hint="abcd", at_ms=NOW_MS)
        again = SealedFile(sealed.path, master(), chance("later"))
        assert again.get("venue-key", "main") == b"two"
        kept = again.contents().find("venue-key", "main")
        assert kept is not None
        assert kept.version == 2
        assert again.get("venue-key", "other") is None

    @posix
    def test_the_file_can_be_read_by_its_owner_alone(self, sealed):
        with sealed.changing() as change:
            change.put("limits", "live", b"x", at_ms=NOW_MS)
        assert stat.S_IMODE(sealed.path.stat().st_mode) == 0o600
        assert not list(sealed.path.parent.glob(".new-*"))

    @posix
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
    def test_a_file_open_to_others_is_refused_with_the_command_that_mends_it(self, sealed, mode):
        with sealed.changing() as change:
            change.put("limits", "live", b"x", at_ms=NOW_MS)
        sealed.path.chmod(mode)
        with pytest.raises(OpenToOthers, match=f"chmod 600 {sealed.path}"):
            sealed.get("limits", "live")

    def test_f38_a_wrong_master_key_opens_nothing_and_says_which_key_it_wants(self, sealed):
        venue_keys.keep(sealed, _key(), now_ms=NOW_MS)
        wrong = SealedFile(sealed.path, master("another"), chance())
        with pytest.raises(CannotOpen) as fault:
            venue_keys.open_key(wrong, "main")
        assert master().fingerprint in str(fault.value)
        assert master("another").fingerprint in str(fault.value)
        assert [(each.kind, each.name) for each in wrong.unopened()] == [("venue-key", "main")]

    def test_f38_with_a_wrong_master_key_nothing_is_overwritten(self, sealed):
        venue_keys.keep(sealed, _key(), now_ms=NOW_MS)
        before = sealed.path.read_bytes()
        wrong = SealedFile(sealed.path, master("another"), chance())
        with pytest.raises(CannotOpen), wrong.changing() as change:
            change.put("limits", "live", b"x", at_ms=NOW_MS)
        assert sealed.path.read_bytes() == before

    def test_f38_one_damaged_entry_leaves_the_others_open(self, sealed):
        venue_keys.keep(sealed, _key("good"), now_ms=NOW_MS)
        venue_keys.keep(sealed, _key("bad"), now_ms=NOW_MS)
        tree = msgspec.json.decode(sealed.path.read_bytes())
        bad = next(entry for entry in tree["entries"] if entry["name"] == "bad")
        bad["venue"] = "binance"
        write_private(sealed.path, msgspec.json.encode(tree))
        assert [each.name for each in sealed.unopened()] == ["bad"]
        assert venue_keys.open_key(sealed, "good").key.reveal() == _key().key.reveal()

    def test_f38_an_older_value_put_back_in_place_of_a_newer_one_does_not_open(self, sealed):
        with sealed.changing() as change:
            change.put("limits", "live", b"old", at_ms=NOW_MS)
        old = msgspec.json.decode(sealed.path.read_bytes())["entries"][0]
        with sealed.changing() as change:
            change.put("limits", "live", b"new", at_ms=NOW_MS)
        tree = msgspec.json.decode(sealed.path.read_bytes())
        tree["entries"][0] |= {"data_key": old["data_key"], "body": old["body"]}
        write_private(sealed.path, msgspec.json.encode(tree))
        with pytest.raises(CannotOpen):
            sealed.get("limits", "live")

    def test_f38_rotating_moves_everything_to_the_new_key_or_nothing(self, sealed):
        venue_keys.keep(sealed, _key("one"), now_ms=NOW_MS)
        venue_keys.keep(sealed, _key("two"), now_ms=NOW_MS)
        turned = sealed.rotate(master("new"), stretching=None)
        assert venue_keys.open_key(turned, "two").secret.reveal() == _key().secret.reveal()
        assert len(sealed.unopened()) == 2
        before = sealed.path.read_bytes()
        with pytest.raises(CannotOpen):
            sealed.rotate(master("newer"), stretching=None)
        assert sealed.path.read_bytes() == before

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"format": 2, "entries": []}', b'{"entries": [{}]}', b"\xff"])
    def test_what_is_no_sealed_file_is_refused_in_a_sentence(self, sealed, text):
        write_private(sealed.path, text)
        with pytest.raises(SealedFileDamaged, match="is not a sealed file"):
            sealed.contents()

    def test_a_passphrase_of_absurd_cost_is_no_sealed_file(self, sealed):
        how = {"salt": "AAAAAAAAAAAAAAAAAAAAAA==", "cost": 2**30, "block": 8}
        write_private(sealed.path, msgspec.json.encode({"format": 1, "stretching": how, "entries": []}))
        with pytest.raises(SealedFileDamaged):
            read_contents(sealed.path)

    def test_two_writers_at_once_lose_nothing(self, sealed):
        def put(name: str) -> None:
            with SealedFile(sealed.path, master(), chance(name)).changing() as change:
                change.put("limits", name, b"x", at_ms=NOW_MS)

        threads = [threading.Thread(target=put, args=(f"n{place}",)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sealed.contents().entries) == 8

    def test_a_change_that_fails_inside_changes_nothing(self, sealed):
        with sealed.changing() as change:
            change.put("limits", "live", b"x", at_ms=NOW_MS)
        with pytest.raises(BadInput), sealed.changing() as change:
            assert change.remove("limits", "live") is change.put("limits", "NO NAME", b"x", at_ms=NOW_MS)
        assert sealed.get("limits", "live") == b"x"

    @pytest.mark.parametrize("name", ["", "Main", "a" * 41, "../x", "a b", "-a", "ä"])
    def test_a_name_is_plain(self, sealed, name):
        with pytest.raises(BadInput, match="is not a name"), sealed.changing() as change:
            change.put("venue-key", name, b"x", at_ms=NOW_MS)
        assert sealed.contents() == Contents()

    def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(self, tmp_path):
        (tmp_path / "state").write_text("a file stands where the folder should be")
        file = SealedFile(tmp_path / "state" / "keys.sealed", master(), chance())
        with pytest.raises(Unavailable, match="cannot be written"), file.changing():
            pass

    def test_something_that_is_no_file_is_refused(self, tmp_path):
        with pytest.raises((BadInput, Unavailable)):
            read_private(tmp_path)


class TestMasterKey:
    def test_a_key_reads_the_same_from_hex_base64_and_its_file(self, tmp_path):
        made = make_master_key(tmp_path / "master.key", chance())
        assert load_master_key(tmp_path / "master.key") == made
        assert read_master_key(made.key.hex(), origin="hex") == made
        assert read_master_key(f" {made.secret.reveal()}\n", origin="text") == made

    def test_a_key_file_is_never_overwritten(self, tmp_path):
        make_master_key(tmp_path / "master.key", chance())
        with pytest.raises(Refused, match="exists already"):
            make_master_key(tmp_path / "master.key", chance("other"))

    def test_a_missing_key_file_is_told_with_what_to_do(self, tmp_path):
        with pytest.raises(MasterKeyMissing, match="make-master"):
            load_master_key(tmp_path / "none")

    @pytest.mark.parametrize("text", ["", "abc", "00" * 31, "00" * 33, "hunter2 hunter2", "Aa" * 40])
    def test_what_is_no_key_is_refused_without_being_told(self, text):
        with pytest.raises(BadInput) as fault:
            read_master_key(text, origin="QUORATE_MASTER_KEY")
        assert "QUORATE_MASTER_KEY is not a master key" in str(fault.value)
        assert not text.strip() or text not in str(fault.value)

    def test_a_passphrase_makes_the_same_key_again_and_another_salt_another_one(self):
        how = Stretching(salt=b"0123456789abcdef", cost=2**12)
        words = Secret("correct horse battery staple")
        assert stretch(words, how) == stretch(words, how)
        assert stretch(words, how) != stretch(words, Stretching(salt=b"fedcba9876543210", cost=2**12))

    def test_a_short_passphrase_is_refused(self):
        with pytest.raises(BadInput, match="at least 12 characters"):
            require_passphrase(Secret("short"))


def _key(name: str = "main") -> venue_keys.Credentials:
    return venue_keys.credentials_of(
        name=name, venue="kraken", key=Secret("K3YK3YK3YK3YK3YK3YABCD"), secret=Secret("c2VjcmV0LXNlY3JldC1zZWNyZXQ=")
    )
