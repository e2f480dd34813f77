"""Augmentation of batches."""

from __future__ import annotations

import torch

from netwright.backends.torch.augment import augment, scaled


def images(count: int = 64) -> torch.Tensor:
    return torch.randint(0, 256, (count, 1, 12, 12), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_policy_changes_nothing() -> None:
    assert torch.equal(augment(images(), {}, random()), images())


def test_flip_mirrors_about_half_of_the_images() -> None:
    before, after = images(400), augment(images(400), {"flip": True}, random())
    mirrored = (after == before.flip(3)).flatten(1).all(1)
    untouched = (after == before).flatten(1).all(1)
    assert bool((mirrored | untouched).all())
    assert 140 < int(mirrored.sum()) < 260


def test_shift_moves_by_whole_pixels_and_fills_with_zeros() -> None:
    before, after = images(200), augment(images(200), {"shift": 2}, random())
    assert after.shape == before.shape
    moved = set()
    for old, new in zip(before, after, strict=True):
        moved.add(next(offset for offset in offsets(2) if torch.equal(shifted(old, *offset), new)))
    assert len(moved) == 25


def offsets(reach: int) -> list[tuple[int, int]]:
    return [(down, right) for down in range(-reach, reach + 1) for right in range(-reach, reach + 1)]


def shifted(image: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """The image seen through a window moved by (down, right)."""
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2))
    return padded[:, 2 + down : 14 + down, 2 + right : 14 + right]


def test_cutout_blanks_one_square() -> None:
    before = torch.full((50, 3, 12, 12), 7, dtype=torch.uint8)
    after = augment(before, {"cutout": 4}, random())
    holes = (after == 0).all(1).flatten(1).sum(1)
    assert int(holes.min()) >= 4
    assert int(holes.max()) <= 16


def test_strength_scales_and_zero_switches_off() -> None:
    assert scaled({"flip": True, "shift": 2}, 0.5) == {"flip": True, "shift": 1}
    assert scaled({"flip": True, "shift": 2}, 0) == {}
