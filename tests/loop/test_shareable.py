"""Every method that shares weights takes every ready space, but for those that are named here, with the reason."""

from __future__ import annotations

import pytest

from netwright import spaces
from netwright.errors import InputError
from netwright.loop.methods import ONE_SHOT, check_shareable, get
from netwright.operations import Signature

TABLE, IMAGE = Signature((13,), 7), Signature((3, 32, 32), 10)
SIGNATURES = {
    **dict.fromkeys(("mlp", "tabular", "shallow", "graph"), TABLE),
    **dict.fromkeys(("darts", "hybrid", "mobile", "nb201", "resnet", "vit"), IMAGE),
    "text": Signature((30,), 7, vocabulary=40, padded=True),
    "language": Signature((64,), 40, "language", vocabulary=40),
    "series": Signature((6, 29), 7, padded=True),
    "forecast": Signature((2, 48), 12, "forecast"),
    "sound": Signature((40, 31), 7, padded=True),
    "speech": Signature((40, 64), 7, "transcript", padded=True, steps=8),
    "voice": Signature((30,), 41, "frames", vocabulary=40, padded=True, steps=60),
    "detector": Signature((3, 128, 160), 7, "detection"),
    "unet": Signature((3, 45, 61), 7, "segmentation"),
}
REFUSED = {"shallow": "this space holds models that have none"}


@pytest.mark.parametrize("name", spaces.NAMES)
def test_weights_are_shared_in_every_ready_space(name: str) -> None:
    space = spaces.get(name, SIGNATURES[name])
    for method in ONE_SHOT:
        if name in REFUSED:
            with pytest.raises(InputError, match=REFUSED[name]):
                check_shareable(get(method, {}), space, SIGNATURES[name], method, ["accuracy"])
        else:
            check_shareable(get(method, {}), space, SIGNATURES[name], method, ["accuracy"])
