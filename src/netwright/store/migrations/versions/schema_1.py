"""Schema 1, of netwright 0.1: where all begins; nothing leads to it."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """A store is made with the present schema at once."""


def downgrade() -> None:
    raise NotImplementedError("stores go to newer schemas only")
