"""Write docs/backtest.schema.json anew from the types of the document.

python scripts/backtest_schema.py          write it
python scripts/backtest_schema.py --check  end with 1 when it is not current
"""

import json
import sys
from pathlib import Path

from quorate.research.reports.document import schema

PAGE = Path(__file__).resolve().parents[1] / "docs" / "backtest.schema.json"


def main(arguments: list[str]) -> int:
    made = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if arguments == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made
        print(
            "current" if current else "docs/backtest.schema.json is not current: run python scripts/backtest_schema.py"
        )
        return 0 if current else 1
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
