"""Attributes are checked, and what is wrong with them is said with the way out."""

from __future__ import annotations

import pytest

from netwright.errors import InputError
from netwright.operations import OPERATIONS, REQUIRED, Attribute, Signature, get


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_defaults_are_allowed_values(operation):
    for name, attribute in operation.attributes.items():
        if attribute.default is not REQUIRED:
            assert attribute.checked(name, attribute.default) == attribute.default
        assert attribute.doc
    assert operation.doc.endswith(".")


@pytest.mark.parametrize(
    ("attrs", "message"),
    [
        ({"kernel": 0}, "kernel=0 is out of bounds: give a whole number from 1 to 63"),
        ({"kernel": "3"}, "kernel='3' is not a whole number"),
        ({"kernel": True}, "kernel=True is not a whole number"),
        ({"kernel": 3.0}, "kernel=3.0 is not a whole number"),
        ({"kernel": None}, "kernel=None is not a whole number"),
        ({"channels": 10**9}, "channels=1000000000 is out of bounds"),
        ({"preactivation": 1}, "preactivation=1 is not true or false"),
        ({"activation": "rleu"}, "unknown activation 'rleu': did you mean 'relu'?"),
        ({"kernal": 3}, "unknown attribute 'kernal': did you mean 'kernel'?"),
    ],
)
def test_wrong_attributes(attrs, message):
    with pytest.raises(InputError) as caught:
        get("conv").resolve(attrs)
    assert str(caught.value).startswith(message)


def test_required_attribute():
    with pytest.raises(InputError, match="units is missing: give a whole number from 1 to 65536"):
        get("linear").resolve({})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1])
def test_numbers_that_are_none(value):
    with pytest.raises(InputError, match="dropout"):
        get("head").resolve({"dropout": value})


def test_whole_numbers_pass_as_floats():
    assert get("mbconv").resolve({"expansion": 4})["expansion"] == 4


def test_one_sided_bound():
    assert Attribute(int, low=1).expected() == "a whole number from 1"


def test_unknown_operation():
    with pytest.raises(InputError, match="unknown operation 'covn': did you mean 'conv'"):
        get("covn")


IMPOSSIBLE = [
    ((3, 4, 5, 6), 10),
    ((0,), 10),
    ((4,), 0),
    ((3, 32.0, 32), 10),
    ((4,), 2, "ranking"),
    ((3, 4), 2, "classification", 50),
    ((4,), 2, "classification", -1),
    ((3, 4, 5), 2, "classification", 0, True),
]


@pytest.mark.parametrize("fields", IMPOSSIBLE)
def test_impossible_signatures(fields):
    with pytest.raises(InputError):
        Signature(*fields)
