"""The second factor: a code of six digits from an authenticator (TOTP, RFC 6238), each good for one act only.

What was used and what was tried is kept in the sealed file before anybody learns the answer, so that neither a restart
nor a second process gives a code, or a guesser, another chance.
"""

import base64
import hmac

import msgspec
from pyotp.hotp import HOTP
from pyotp.totp import TOTP

from quorate.accounts.arming import KIND as ARMING
from quorate.accounts.master_key import Randomness
from quorate.accounts.sealed_file import SealedFile
from quorate.accounts.secret import Secret
from quorate.domain.errors import Refused

KIND, NAME = "second-factor", "owner"
STEP_MS = 30_000
DRIFT_STEPS = 1
"""A code of the step before or after is taken too: clocks differ, and people type."""
DIGITS = 6
SECRET_BYTES = 20
FAILURES_MAX, FAILURES_WINDOW_MS = 5, 300_000
"""So many wrong codes within so long, and none is looked at: 1 in 60,000 for a guesser in five minutes."""
ISSUER = "Quorate"


class SecondFactorMissing(Refused):
    """An act needs the second factor, and none is enrolled."""

    code = "second_factor_missing"


class SecondFactorRefused(Refused):
    """A code was wrong, used before, or there were too many wrong ones."""

    code = "second_factor_refused"


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the factor. Never printed."""

    secret: str
    """In base32, as authenticators want it."""
    enrolled_ms: int
    used_step: int = -1
    """Newest step whose code was taken: it and all before it are used up."""
    failures_ms: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return "Factor(***)"


def judge(factor: Factor, code: Secret, *, now_ms: int) -> tuple[Factor, str | None]:
    """Whether a code is taken: the factor as it is afterwards, and why it is refused (None: it is not)."""
    recent = tuple(at for at in factor.failures_ms if now_ms - FAILURES_WINDOW_MS < at <= now_ms)
    if len(recent) >= FAILURES_MAX:
        wait_s = -(-(recent[0] + FAILURES_WINDOW_MS - now_ms) // 1_000)
        return factor, f"There were {FAILURES_MAX} wrong codes: none is looked at for {wait_s} s."
    said = "".join(code.reveal().split())
    totp = HOTP(factor.secret, digits=DIGITS)
    now = now_ms // STEP_MS
    steps = range(max(now - DRIFT_STEPS, 0), now + DRIFT_STEPS + 1)
    matching = [step for step in steps if hmac.compare_digest(totp.at(step).encode(), said.encode())]
    fresh = [step for step in matching if step > factor.used_step]
    if fresh:
        return msgspec.structs.replace(factor, used_step=fresh[0], failures_ms=()), None
    failed = msgspec.structs.replace(factor, failures_ms=(*recent, now_ms)[-FAILURES_MAX:])
    if matching:
        return failed, "This code was used before: wait for the next one."
    return failed, "This code is wrong. Where it is right, this machine's clock is not."


def new_secret(randomness: Randomness) -> Secret:
    """A secret for an authenticator, in base32."""
    return Secret(base64.b32encode(randomness(SECRET_BYTES)).decode())


def enrolment_uri(secret: Secret, *, owner: str) -> Secret:
    """What an authenticator reads: an otpauth address. As secret as the secret."""
    return Secret(TOTP(secret.reveal(), digits=DIGITS).provisioning_uri(name=owner, issuer_name=ISSUER))


def is_enrolled(file: SealedFile) -> bool:
    """Whether there is a second factor; the master key is not needed to know."""
    return file.contents().find(KIND, NAME) is not None


def enrol(file: SealedFile, secret: Secret, code: Secret, *, now_ms: int) -> None:
    """Make `secret` the second factor, once a code shows that an authenticator has it. Errors: SecondFactorRefused."""
    factor, refused = judge(Factor(secret=secret.reveal(), enrolled_ms=now_ms), code, now_ms=now_ms)
    if refused:
        raise SecondFactorRefused(refused, hint="Nothing was enrolled.")
    with file.changing() as change:
        if change.get(KIND, NAME) is not None:
            raise SecondFactorRefused(
                "There is a second factor already.", hint="`quorate second-factor remove` takes it away first."
            )
        change.put(KIND, NAME, _encode(factor), at_ms=now_ms)


def require_code(file: SealedFile, code: Secret, *, now_ms: int) -> None:
    """Use up a code. Errors: SecondFactorMissing, SecondFactorRefused, CannotOpen."""
    with file.changing() as change:
        plain = change.get(KIND, NAME)
        if plain is None:
            raise SecondFactorMissing(
                "There is no second factor yet, and this needs one.", hint="Enrol one: `quorate second-factor enroll`."
            )
        factor, refused = judge(_decode(plain), code, now_ms=now_ms)
        change.put(KIND, NAME, _encode(factor), at_ms=now_ms)
    if refused:
        raise SecondFactorRefused(refused)


def withdraw(file: SealedFile, code: Secret, *, now_ms: int) -> None:
    """Take the second factor away, by one last code; what it had allowed ends with it. Errors: as `require_code`."""
    require_code(file, code, now_ms=now_ms)
    with file.changing() as change:
        for entry in change.contents.entries:
            if entry.kind in {KIND, ARMING}:
                change.remove(entry.kind, entry.name)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Factor, strict=True).decode
