"""Plain functions on plain numbers, compiled by Numba exactly as they stand.

`rules/` and the kernels of this package import no compiler. `compiled` takes such a function, finds the functions it
calls, in its own module and in modules it names, and compiles them all from their own code objects: nothing is copied
and nothing is decorated, so the desk and the compiled runner cannot drift apart.

Machine code is cached on disk. Numba's own check looks at the file of the cached function only; ours looks at the
code and the constants of every function that is compiled into it, so that a changed rule is never served from an old
cache.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeVar, cast

import numpy as np

from quorate.domain.errors import BadInput

Compilable = TypeVar("Compilable", bound=Callable[..., object])

OURS = ("quorate.rules.", "quorate.research.")
"""Modules whose functions may be called as `module.function`."""
CACHE_VARIABLE = "NUMBA_CACHE_DIR"
BLOCK_BYTES = 31 * 2**20
UNREADABLE = (AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError, ValueError, UnpicklingError)
"""What reading a file of an older version, or half a file, can raise."""


def keep_cache_in(folder: Path) -> None:
    """Keep machine code in `folder`, which must belong to this user alone: what lies in it is executed.

    For whoever starts the program; it must come before the first compiled function. Without it Numba writes beside the
    sources, or, where those are read-only, to the user's own cache folder. A variable set by the user wins.
    """
    os.environ.setdefault(CACHE_VARIABLE, str(folder))
    if "numba" in sys.modules:
        from numba.core import config  # noqa: PLC0415  only where somebody has paid for the import

        cast("Any", config).CACHE_DIR = os.environ[CACHE_VARIABLE]


def keep_freed_memory() -> None:
    """Let the allocator keep blocks of up to 32 MB for the next columns of the same size.

    glibc gives large blocks back to the system as soon as they are freed, and every page is then faulted in anew: on
    columns of a year that costs more than computing with them. Freeing one block just under its own limit raises both
    of its thresholds. Elsewhere nothing happens.
    """
    np.empty(BLOCK_BYTES, np.uint8)


def compiled(function: Compilable) -> Compilable:
    """The function as machine code, made at its first call for a kind of arguments, or read from the cache.

    Called with the same arguments it returns the same values. Arguments go by position. It must not make arrays: they
    are handed in. BadInput for a function that takes arguments by keyword only, or captures variables.
    """
    return cast("Compilable", _entry(cast("FunctionType", function)))


def edition(function: Callable[..., object]) -> str:
    """Digest of the code and the constants of a function and of all that it calls: another one is another program."""
    digest = hashlib.sha256()
    seen: set[CodeType] = set()
    waiting = [cast("FunctionType", function)]
    while waiting:
        one = waiting.pop()
        code = one.__code__
        if code in seen:
            continue
        seen.add(code)
        digest.update(repr((one.__qualname__, code.co_code, code.co_consts, code.co_names)).encode())
        for name, value in _reached(one):
            if isinstance(value, FunctionType):
                waiting.append(value)
            elif isinstance(value, np.ndarray):
                digest.update(name.encode() + cast("Any", value).tobytes())
            elif isinstance(value, int | float | str):
                digest.update(f"{name}={value!r}".encode())
    return digest.hexdigest()


def _reached(function: FunctionType) -> Iterator[tuple[str, object]]:
    """What the function's code may reach by name: globals, and what it names of our modules."""
    code = function.__code__
    if code.co_freevars or code.co_kwonlyargcount:
        raise BadInput(f"{code.co_name} cannot be compiled: it has keyword-only arguments or captures variables.")
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith(OURS):
            for attribute in code.co_names:
                if attribute in vars(value):
                    yield f"{name}.{attribute}", vars(value)[attribute]
        elif value is not None and value is not function:
            yield name, value


@cache
def _entry(function: FunctionType) -> Callable[..., object]:
    from numba.core.caching import FunctionCache, IndexDataCacheFile  # noqa: PLC0415  loading Numba takes a second

    class EditionedCache(FunctionCache):
        """Numba's cache, for one edition of the function; files of another edition, or torn ones, are written anew."""

        def __init__(self, py_func: FunctionType) -> None:
            super().__init__(py_func)
            base, folder = cast("Any", self)._impl.filename_base, cast("Any", self).cache_path  # noqa: SLF001
            self._cache_file = IndexDataCacheFile(folder, base, edition(function))

        def load_overload(self, sig: object, target_context: object) -> object:
            try:
                # Numba would fill its tables of all it can compile first, which takes longer than reading everything
                # does; its compiler fills them by itself where something has to be compiled after all.
                return cast("Any", self)._load_overload(sig, target_context)  # noqa: SLF001
            except UNREADABLE:
                self.flush()
                return None

    dispatcher = _dispatcher(function)
    # What `enable_caching` does; where nothing can be written, functions are compiled anew in every process.
    with suppress(RuntimeError):
        dispatcher._cache = EditionedCache(dispatcher.py_func)  # noqa: SLF001
    return dispatcher


@cache
def _dispatcher(function: FunctionType) -> Any:
    import numba  # noqa: PLC0415  loading Numba takes a second

    scope = dict(function.__globals__)
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    twin.__qualname__, twin.__module__ = function.__qualname__, function.__module__
    for name, value in _reached(function):
        module, _, attribute = name.rpartition(".")
        ready = _dispatcher(value) if isinstance(value, FunctionType) else value
        if not module:
            scope[name] = ready
            continue
        if scope[module] is function.__globals__[module]:
            scope[module] = ModuleType(scope[module].__name__)
        setattr(scope[module], attribute, ready)
    # Without counting references: nothing is allocated in a compiled function, and counting cost more than the work.
    return cast("Any", numba).njit(nogil=True, _nrt=False)(twin)
