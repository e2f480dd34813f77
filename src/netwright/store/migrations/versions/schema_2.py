"""Schema 2: checksums, what pages of a long log are found by, fronts, and snapshots of strategies' states."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_OPEN = sa.text("status IN ('pending', 'running')")
_RANKED = sa.text("loss IS NOT NULL AND violation IS NOT NULL")


def upgrade() -> None:
    op.add_column("records", sa.Column("crc", sa.BigInteger()))
    for name, kind in (("twin", sa.Text), ("violation", sa.Float), ("loss", sa.Float)):
        op.add_column("trials", sa.Column(name, kind()))
    op.create_index("trials_open", "trials", ["number"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("trials_twin", "trials", ["twin"])
    op.create_index("trials_phase", "trials", ["phase", "number"])
    ranking = ["phase", "violation", "loss", "number"]
    op.create_index("trials_best", "trials", ranking, sqlite_where=_RANKED, postgresql_where=_RANKED)
    op.create_table(
        "front",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("architecture", sa.Text, nullable=False),
        sa.Column("violation", sa.Float, nullable=False),
        sa.Column("losses", sa.Text, nullable=False),
    )
    op.create_index("front_phase", "front", ["phase"])
    op.create_table(
        "snapshots",
        sa.Column("phase", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("stores go to newer schemas only")
