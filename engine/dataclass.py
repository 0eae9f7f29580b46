"""The standard library's `dataclass` at a twentieth of its cost: what a class needs is written when it is first used.

A class made here means what it means there, and `dataclasses.fields`, `replace` and `asdict` take it.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False  # `typing` itself takes longer to import than this module has to save

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass, field, replace
    from typing import Any, NoReturn

__all__ = ["dataclass", "field", "replace"]

_FEW = 8  # instances of a class, for which it takes longer to write an `__init__` than to do without
_MISSING: Any = type("Missing", (), {"__repr__": lambda _self: "..."})()


class _Field:
    __slots__ = ("compare", "default", "default_factory", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Callable[[], Any] | None = None,
        repr: bool = True,  # noqa: A002 - the standard's name
        compare: bool = True,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.repr = repr
        self.compare = compare

    def as_standard(self) -> Any:
        from dataclasses import field as standard

        if self.default_factory is not None:
            return standard(default_factory=self.default_factory, repr=self.repr, compare=self.compare)
        default = {} if self.default is _MISSING else {"default": self.default}
        return standard(**default, repr=self.repr, compare=self.compare)


class _StandardFields:
    """What the standard library looks at to tell a dataclass and its fields: known when somebody looks."""

    def __init__(self, fields: Mapping[str, _Field]) -> None:
        self._fields = fields

    def __get__(self, _instance: object, owner: type) -> Any:
        from dataclasses import make_dataclass

        types = owner.__annotations__
        fields = [(name, types[name], each.as_standard()) for name, each in self._fields.items()]
        found = owner.__dataclass_fields__ = make_dataclass(owner.__name__, fields).__dataclass_fields__  # type: ignore[attr-defined]
        return found


def _dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type], type]:
    """Decorator as the standard's of that name, always with slots; fields are not inherited."""
    assert slots
    return lambda given: _make(given, frozen=frozen)


def _make(given: type, *, frozen: bool) -> type:
    content = dict(given.__dict__)
    fields = {name: _as_field(content.pop(name, _MISSING)) for name in given.__annotations__}
    names = tuple(fields)
    for each in ("__dict__", "__weakref__"):
        content.pop(each, None)
    content |= {"__slots__": names, "__match_args__": names, "__dataclass_fields__": _StandardFields(fields)}
    content |= {"__replace__": _replace}

    number = 0  # of instances

    def fill_or_write(self: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal number
        number += 1
        if number > _FEW or not _fill(self, fields, args, kwargs):
            init = made.__init__ = _write_init(made, fields, frozen=frozen)  # type: ignore[misc]
            init(self, *args, **kwargs)

    content["__init__"] = fill_or_write
    content.setdefault("__repr__", _repr_of(fields))
    if "__eq__" not in content:
        content["__eq__"], content["__hash__"] = _comparison_of(fields, frozen=frozen)
    if frozen:
        content |= _FROZEN
    made = type(given)(given.__name__, given.__bases__, content)
    return made


def _as_field(default: Any) -> _Field:
    return default if isinstance(default, _Field) else _Field(default=default)


def _fill(self: Any, fields: Mapping[str, _Field], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Do what the written `__init__` does, some six times slower; False if it would not take these arguments."""
    given = {**dict(zip(fields, args, strict=False)), **kwargs}
    if len(given) < len(args) + len(kwargs) or not given.keys() <= fields.keys():
        return False
    for name, each in fields.items():
        if name not in given:
            if each.default_factory is None and each.default is _MISSING:
                return False
            given[name] = each.default if each.default_factory is None else each.default_factory()
        object.__setattr__(self, name, given[name])
    if hasattr(self, "__post_init__"):
        self.__post_init__()
    return True


def _write_init(owner: type, fields: Mapping[str, _Field], *, frozen: bool) -> Any:
    known: dict[str, Any] = {"_missing": _MISSING}
    taken, lines = [], []
    for name, each in fields.items():
        value = name
        if each.default_factory is not None:
            known[f"_make_{name}"] = each.default_factory
            taken.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif each.default is not _MISSING:
            known[f"_default_{name}"] = each.default
            taken.append(f"{name}=_default_{name}")
        else:
            taken.append(name)
        if frozen:
            known[f"_set_{name}"] = owner.__dict__[name].__set__
            lines.append(f" _set_{name}(self, {value})\n")
        else:
            lines.append(f" self.{name} = {value}\n")
    if hasattr(owner, "__post_init__"):
        lines.append(" self.__post_init__()\n")
    exec(f"def __init__(self, {', '.join(taken)}):\n{''.join(lines) or ' pass'}", known)  # noqa: S102 - of names only
    init = known["__init__"]
    init.__qualname__ = f"{owner.__qualname__}.__init__"
    return init


def _repr_of(fields: Mapping[str, _Field]) -> Callable[[Any], str]:
    def represent(self: Any) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name, each in fields.items() if each.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    return represent


def _comparison_of(fields: Mapping[str, _Field], *, frozen: bool) -> tuple[Any, Any]:
    names = [name for name, each in fields.items() if each.compare]
    key: Callable[[Any], Any] = attrgetter(*names) if names else lambda _self: ()

    def equals(self: Any, other: Any) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    return equals, (lambda self: hash(key(self))) if frozen else None


def _replace(given: Any, /, **changes: Any) -> Any:
    """The same with some fields changed."""
    for name in given.__match_args__:
        if name not in changes:
            changes[name] = getattr(given, name)
    return type(given)(**changes)


def _refuse(self: object, name: str, _value: object = None) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"a {type(self).__name__} does not change: cannot assign to its field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__match_args__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__match_args__, state, strict=True):
        object.__setattr__(self, name, value)


_FROZEN = {
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _get_state,  # else what unpickles would assign to fields
    "__setstate__": _set_state,
}

if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _Field, _replace
