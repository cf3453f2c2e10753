"""Records of analysts, what asking them cost, what the optimizer set, lessons, funding payments.

Revision ID: 0002
Revises: 0001
"""

from quorate.domain.errors import BadInput
from quorate.store.migrations.sql_file import run_sql_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; what was written before counts as rules' work, as it was."""
    run_sql_file("0002_records")


def downgrade() -> None:
    """What the journal says is never thrown away by a migration."""
    raise BadInput("Records are not taken back by a migration.", hint="Restore a backup instead.")
