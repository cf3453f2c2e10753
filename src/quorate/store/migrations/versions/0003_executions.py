"""Executions of two markets may carry the same trade id.

Revision ID: 0003
Revises: 0002
"""

from quorate.domain.errors import BadInput
from quorate.store.migrations.sql_file import run_sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen what makes an execution unique; every one that is there stays so."""
    run_sql_file("0003_executions")


def downgrade() -> None:
    """What the journal says is never thrown away by a migration."""
    raise BadInput("Executions are not taken back by a migration.", hint="Restore a backup instead.")
