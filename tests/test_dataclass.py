"""Dataclasses of the engine's own are what those of the standard library are, to whoever uses or inspects them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from retouch import dataclass as own

MANY = 20  # instances: more than are made without a written `__init__`


def make(module: Any) -> tuple[type, type]:
    @module.dataclass(frozen=True, slots=True)
    class Frozen:
        """What does not change."""

        name: str
        number: int = 1
        items: list[int] = module.field(default_factory=list)
        hidden: str = module.field(default="h", repr=False, compare=False)

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError

        @property
        def double(self) -> int:
            return 2 * self.number

    @module.dataclass(slots=True)
    class Open:
        name: str
        number: float = 0
        other: object = None

    return Frozen, Open


OWN, STANDARD = make(own), make(dataclasses)
FrozenOne, OpenOne = OWN  # where pickle looks for them
for each in OWN:
    each.__qualname__ = f"{each.__name__}One"


def said(work: Callable[[], Any]) -> Any:
    """What some work gives, or the kind of error that it raises."""
    try:
        return work()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error)


def state(given: Any) -> list[Any]:
    return [getattr(given, each.name) for each in dataclasses.fields(given)]


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", 2), {}),
    (("a",), {"number": 3}),
    ((), {"name": "a", "number": 4}),
    (("a", 1, [5], "x"), {}),
    ((), {}),
    (("a",), {"name": "b"}),
    (("a",), {"unknown": 1}),
    (("a", 1, [], "x", 5), {}),
    (("a", -1), {}),
    (("a", "text"), {}),
]


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_instances_are_made_as_by_the_standard_one(number: int, call: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    args, kwargs = call
    fresh, standard = make(own)[number], STANDARD[number]
    expected = said(lambda: state(standard(*args, **kwargs)))
    assert said(lambda: state(fresh(*args, **kwargs))) == expected  # the first one of its class
    for _ in range(MANY):
        said(lambda: fresh("a"))
    assert said(lambda: state(fresh(*args, **kwargs))) == expected


def test_wrong_arguments_are_told_as_ever() -> None:
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument: 'name'"):
        OWN[0]()
    with pytest.raises(TypeError, match=r"__init__\(\) got an unexpected keyword argument 'nmae'"):
        OWN[0]("a", nmae=1)


@pytest.mark.parametrize("number", range(2))
def test_instances_compare_as_those_of_the_standard_one(number: int) -> None:
    for kind in OWN[number], STANDARD[number]:
        assert kind("a", 1) == kind("a", 1) != kind("a", 2)
        assert kind("a", 1) == kind("a", 1.0)
        assert kind("a") != ("a", 1, [], "h")
    assert OWN[number]("a") != STANDARD[number]("a")
    assert OWN[0]("a", hidden="x") == OWN[0]("a", hidden="y")


def test_only_what_is_frozen_has_a_hash() -> None:
    @own.dataclass(frozen=True, slots=True)
    class One:
        name: str

    assert {One("a"), One("a"), One("b")} == {One("b"), One("a")}
    with pytest.raises(TypeError, match="unhashable"):
        hash(OpenOne("a"))


def test_what_is_frozen_stays_as_it_is() -> None:
    one = FrozenOne("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="number"):
        one.number = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="number"):
        del one.number
    assert one.number == 1
    two = OpenOne("a")
    two.number = 5
    assert two.number == 5
    with pytest.raises(AttributeError):
        two.unknown = 1


def test_texts_are_those_of_the_standard_one() -> None:
    for number in range(2):
        ours, theirs = (repr(kinds[number]("a", 2)) for kinds in (OWN, STANDARD))
        assert ours.partition("(")[2] == theirs.partition("(")[2]
    assert FrozenOne.__doc__ == "What does not change."


def test_each_instance_has_what_its_factory_makes() -> None:
    one, two = FrozenOne("a"), FrozenOne("a")
    one.items.append(1)
    assert two.items == []


@pytest.mark.parametrize("kind", OWN)
def test_copies_and_changed_copies(kind: type) -> None:
    one = kind("a", 2)
    for other in copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)):
        assert other == one
        assert other is not one
    assert own.replace(one, number=3) == dataclasses.replace(one, number=3) == kind("a", 3)
    assert one.__replace__(name="b") == kind("b", 2)
    with pytest.raises(TypeError):
        own.replace(one, unknown=1)


@pytest.mark.parametrize("number", range(2))
def test_the_standard_library_takes_them_for_dataclasses(number: int) -> None:
    ours, theirs = OWN[number]("a"), STANDARD[number]("a")
    assert dataclasses.is_dataclass(ours)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert dataclasses.astuple(ours) == dataclasses.astuple(theirs)
    described = [
        [(each.name, each.type, each.default, each.default_factory, each.repr, each.compare) for each in fields]
        for fields in (dataclasses.fields(ours), dataclasses.fields(theirs))
    ]
    assert described[0] == described[1]
    assert type(ours).__slots__ == type(theirs).__slots__
    assert type(ours).__match_args__ == type(theirs).__match_args__


def test_they_match_by_position() -> None:
    match FrozenOne("a", 7):
        case FrozenOne(name, number):
            assert (name, number) == ("a", 7)
