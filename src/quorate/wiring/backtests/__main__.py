"""The entry of a run's own process (`quorate.wiring.backtests.process`)."""

import sys

from quorate.wiring.backtests.process import main

if __name__ == "__main__":
    sys.exit(main())
