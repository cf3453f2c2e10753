"""Loads one exchange of ccxt without the hundred others that its packages import: what a panic cannot wait for.

Importing ccxt whole takes seconds of work; one exchange takes an eighth of that. The packages' own beginnings are
passed over, and only what one exchange asks of them is put in their place. That is for a process that does nothing
else with ccxt; where the library is laid out otherwise than it was, it is loaded the long way by whoever needs it.
"""

import importlib
import importlib.util
import sys
from types import ModuleType

from quorate.venues.ccxt.library import LIBRARY

PACKAGE = "ccxt"


def load_alone(exchange: str) -> bool:
    """Load ccxt's `exchange` so that `library.load` finds it; False where it has to be loaded the long way."""
    if PACKAGE in sys.modules:
        return LIBRARY in sys.modules
    try:
        _load(exchange)
    except (ImportError, AttributeError, TypeError):
        for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        return False
    return True


def _load(exchange: str) -> None:
    found = importlib.util.find_spec(PACKAGE)
    places = None if found is None else found.submodule_search_locations
    if not places:
        raise ImportError("ccxt is not installed")
    root = places[0]
    package = _bare(PACKAGE, root)
    errors = importlib.import_module(f"{PACKAGE}.base.errors")
    names = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    vars(package).update(names)
    vars(package)["Exchange"] = importlib.import_module(f"{PACKAGE}.base.exchange").Exchange
    library = _bare(LIBRARY, f"{root}/{LIBRARY.rpartition('.')[2]}")
    vars(library).update(names)
    vars(library)[exchange] = getattr(importlib.import_module(f"{LIBRARY}.{exchange}"), exchange)


def _bare(name: str, folder: str) -> ModuleType:
    """A package without what its own beginning would load."""
    module = ModuleType(name)
    module.__path__ = [folder]
    sys.modules[name] = module
    return module
