"""Property tests draw the same examples every time, so that a change that passes here passes everywhere. For new ones:
`pytest --hypothesis-profile=random`."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("random")
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
