"""Where compiled rules are kept between runs: a folder of this user's own, because what lies in it is executed."""

from __future__ import annotations

from contextlib import suppress

from platformdirs import user_cache_path

from quorate.research.jit import keep_cache_in


def keep_machine_code() -> None:
    """Keep machine code in the user's cache folder, closed to everybody else. Call it before anything is compiled.

    Where no such folder can be made, Numba keeps it as it sees fit.
    """
    folder = user_cache_path("quorate", appauthor=False) / "machine-code"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o022:
            # Somebody else may write here.
            return
        keep_cache_in(folder)
