"""RFC 6902 on plain data: apply a patch, undo it, guard it against drift, find what it would overwrite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from .error import PatchError
from .pointer import join, parse

if TYPE_CHECKING:
    from types import ModuleType

    from .value import Value

Operation = Mapping[str, Any]
"""One operation of RFC 6902, section 4: `op`, `path`, and `value` or `from`."""

_MISSING: Final = object()
_NEEDED: Final = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from"}


def apply(data: Value, operations: Sequence[Operation]) -> Value:
    """What `data` becomes when the operations are applied in order; `data` itself is left as it is.

    Raises PatchError, naming the operation, at the first one that cannot be applied (RFC 6902, section 5).
    """
    result = deepcopy(data)
    for number, operation in enumerate(operations):
        result = _advance(_check(operation, number), result, operation, number)
    return result


def apply_to(data: Value, operations: Sequence[Operation]) -> Value:
    """As `apply`, for operations that are known to be complete; the result shares with `data` what stays the same.

    A collection is copied when something in it changes first; a `move` copies all of them, once. A `replace` of what is
    there, as most patches are, is done here; all else is for the library.
    """
    own: dict[int, Value] | None = {}  # collections that nothing else holds, by their identity; None: all are
    for number, operation in enumerate(operations):
        if own is not None and operation["op"] == "move":  # where it leads to is counted without what it takes away
            data, own = deepcopy(data), None
        elif own is not None:
            replaced = _replace(data, operation, own) if operation["op"] == "replace" else _MISSING
            if replaced is not _MISSING:
                data = replaced
                continue
            data = _unshare(data, operation["path"], own)
        try:
            data = _library().JsonPatch.operations[operation["op"]](operation).apply(data)
        except Exception:  # noqa: BLE001 - which one it is, and what to say of it, is found the long way
            data = _advance(_check(operation, number), data, operation, number)
    return data


def _replace(data: Value, operation: Operation, own: dict[int, Value]) -> Value:
    """`data` with another value where something stands already; `_MISSING` where that is not as plain as it seems."""
    try:
        *way, last = parse(operation["path"])
        value = operation["value"]
    except (ValueError, KeyError):  # the whole document, or no operation
        return _MISSING
    result = here = _own_copy(data, own)
    for key in way:
        place = _place(here, key)
        if place is None:
            return _MISSING
        child = here[place] = _own_copy(here[place], own)
        here = child
    place = _place(here, last)
    if place is None:
        return _MISSING
    here[place] = value
    return result


def _place(container: Value, key: str) -> Any:
    """What `key` of a pointer means in a collection, if something stands there (RFC 6901, section 4); else None."""
    if isinstance(container, dict):
        return key if key in container else None
    if not isinstance(container, list) or not (key.isascii() and key.isdecimal()) or (key[0] == "0" and key != "0"):
        return None
    return int(key) if int(key) < len(container) else None


def _unshare(data: Value, pointer: str, own: dict[int, Value]) -> Value:
    """`data` with collections of its `own` on the way to where `pointer` leads, as far as there are any."""
    *way, _last = parse(pointer) or [""]
    result = data = _own_copy(data, own)
    for key in way:
        child = _child(data, key)
        if not isinstance(child, (dict, list)):
            break
        child = _own_copy(child, own)
        data[key if isinstance(data, dict) else _position(key)] = child
        data = child
    return result


def _own_copy(value: Value, own: dict[int, Value]) -> Value:
    if id(value) in own or not isinstance(value, (dict, list)):
        return value
    copied = value.copy()
    own[id(copied)] = copied
    return copied


def reverse(data: Value, operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """The patch that undoes `operations`: applied to their result it gives `data` again, key order aside.

    Holds no `test` operation. Cost is linear in the patch and in the values it removes, besides one copy of `data`.
    Raises PatchError as `apply` does.
    """
    return [operation for group in reverse_each(data, operations) for operation in group]


def reverse_each(data: Value, operations: Sequence[Operation]) -> list[list[dict[str, Any]]]:
    """The groups that `reverse` joins: what undoes the last operation first."""
    return [_undo(operation, current) for operation, current in _replay(data, operations)][::-1]


def guard(data: Value, operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """The operations, each preceded by the `test` operations that prove what it takes from `data`.

    Tested are the old value before `replace`, `remove`, `move` and `copy`; `null` before an operation that creates a
    mapping member; the item's `name`, else the whole item, for every list index in a path. A test for `null` passes
    on an absent member only in Kubernetes: strict RFC 6902 tools refuse it. Raises PatchError as `apply` does.
    """
    return [operation for group in guard_each(data, operations) for operation in group]


def guard_each(data: Value, operations: Sequence[Operation]) -> list[list[dict[str, Any]]]:
    """The groups that `guard` joins: every operation behind its tests."""
    guarded = []
    proved: set[tuple[str, str]] = set()  # items whose name an earlier test has shown
    known = _Known()
    for operation, current in _replay(data, operations):
        group = []
        for test in _tests(operation, current, known):
            name = (test["path"], test["value"]) if isinstance(test["value"], str) else None
            if name is None or name not in proved:
                group.append(test)
            if name is not None and test["path"].endswith("/name"):
                proved.add(name)
        guarded.append([*group, dict(operation)])
        known.change(operation, current)
        if _shifts_items(operation, current):
            proved.clear()
    return guarded


class _Known:
    """List items that a test has shown whole: what becomes of them by the patch alone need not be tested again.

    Held by the parts of their pointers, in nested dicts; an item has itself as its part None.
    """

    def __init__(self) -> None:
        self._root: dict[str | None, Any] = {}

    def covers(self, path: Sequence[str]) -> bool:
        """Whether the item at `path`, or one around it, is known."""
        node = self._root
        for part in path:
            node = node.get(part, {})
            if None in node:
                return True
        return False

    def add(self, path: Sequence[str]) -> None:
        """Note that the item at `path` is known."""
        node = self._root
        for part in path:
            node = node.setdefault(part, {})
        node[None] = True

    def change(self, operation: Operation, current: Value) -> None:
        """Forget the items that do not stand where they stood after an operation on `current`."""
        if operation["op"] == "test":
            return
        for path in (parse(operation[key]) for key in ("path", "from") if key in operation):
            if path and isinstance(_find(current, path[:-1]), list) and operation["op"] != "replace":
                self._forget(path[:-1], below=True)
            elif not self.covers(path[:-1]):
                self._forget(path, below=False)

    def _forget(self, path: Sequence[str], *, below: bool) -> None:
        node, parent = self._root, self._root
        for part in path:
            parent, node = node, node.get(part, {})
        if not below and path:
            parent.pop(path[-1], None)
            return
        is_known = None in node
        node.clear()
        if is_known:
            node[None] = True


def created_mappings(data: Value, operations: Sequence[Operation]) -> list[str]:
    """Pointers of the mappings that the operations create whole as a member that `data` does not have.

    On an object that has the member by then, such an operation replaces what is there (RFC 6902, section 4.1).
    """
    found = []
    for operation, current in _replay(data, operations):
        if operation["op"] in ("add", "copy", "move"):
            *above, key = parse(operation["path"]) or [""]
            parent = _find(current, above)
            value = operation["value"] if operation["op"] == "add" else _find(current, parse(operation["from"]))
            if isinstance(parent, dict) and key not in parent and isinstance(value, dict):
                found.append(operation["path"])
    return found


def _replay(data: Value, operations: Sequence[Operation]) -> Iterator[tuple[Operation, Value]]:
    """Each operation with the data as it finds it, which the caller must neither keep nor change."""
    current = deepcopy(data)
    for number, operation in enumerate(operations):
        checked = _check(operation, number)
        yield operation, current
        current = _advance(checked, current, operation, number)


def _check(operation: Operation, number: int) -> Any:
    """The library's form of one operation, which is complete and has good pointers."""
    library = _library()
    try:
        checked = library.JsonPatch([operation])
        needed = _NEEDED.get(operation["op"])
        if needed is not None and needed not in operation:
            raise PatchError(f"operation {number} of the patch ({operation['op']}) has no `{needed}`, which it needs")
        if needed == "from":
            parse(operation["from"])
    except (library.JsonPatchException, library.JsonPointerException, TypeError, ValueError) as error:
        raise PatchError(f"operation {number} of the patch is not one of RFC 6902: {error}") from error
    return checked


def _advance(checked: Any, data: Value, operation: Operation, number: int) -> Value:
    """`data`, changed in place by one operation."""
    library = _library()
    try:
        return checked.apply(data, in_place=True)
    except (library.JsonPatchException, library.JsonPointerException, TypeError) as error:
        what = f"{operation['op']} {operation['path'] or 'of the whole document'}"
        raise PatchError(f"operation {number} of the patch ({what}) cannot be applied: {error}") from error


def _library() -> ModuleType:
    import jsonpatch  # a run that changes nothing need not wait for it

    return jsonpatch


def _undo(operation: Operation, current: Value) -> list[dict[str, Any]]:
    """What undoes one operation, in order; nothing if it cannot be applied, which `_advance` then tells."""
    kind = operation["op"]
    path = parse(operation["path"])
    if kind == "test":
        return []
    if kind in ("add", "copy"):
        return [_undo_add(path, current)]
    if kind == "move":
        return _undo_move(parse(operation["from"]), path, current)
    return [_operation("add" if kind == "remove" and path else "replace", path, _find(current, path))]


def _undo_add(path: list[str], current: Value) -> dict[str, Any]:
    parent = _find(current, path[:-1])
    if path and isinstance(parent, list):
        return {"op": "remove", "path": join([*path[:-1], _index(path[-1], len(parent))])}
    old = _find(current, path)
    if old is _MISSING:
        return {"op": "remove", "path": join(path)}
    return _operation("replace", path, old)


def _undo_move(source: list[str], path: list[str], current: Value) -> list[dict[str, Any]]:
    if source == path:
        return []
    target = _before_removal(path, source, current)
    parent = _find(current, target[:-1])
    into_list = bool(path) and isinstance(parent, list)
    old = _MISSING if into_list else _find(current, target)
    if source[: len(path)] == path:  # the value takes the place of something around it: it cannot be moved back
        if not into_list:
            return [_operation("replace", path, old)]
        return [{"op": "remove", "path": join(path)}, _operation("add", source, _find(current, source))]
    if into_list:
        path = [*path[:-1], _index(path[-1], len(parent) - (source[:-1] == path[:-1]))]
    back: list[dict[str, Any]] = [{"op": "move", "from": join(path), "path": join(source)}]
    if old is not _MISSING:
        back.append(_operation("add", target, old))
    return back


def _tests(operation: Operation, current: Value, known: _Known) -> list[dict[str, Any]]:
    kind = operation["op"]
    path = parse(operation["path"])
    if kind == "test":
        return []
    if kind in ("replace", "remove"):
        return _value_tests(path, current, known)
    if kind == "add":
        return _arrival_tests(path, current, known)
    source = parse(operation["from"])
    if source == path:
        return _value_tests(source, current, known)
    arrival = _before_removal(path, source, current) if kind == "move" else path
    return _value_tests(source, current, known) + _arrival_tests(arrival, current, known)


def _value_tests(path: list[str], current: Value, known: _Known) -> list[dict[str, Any]]:
    return [*_item_tests(path[:-1], current, known), _operation("test", path, _find(current, path))]


def _arrival_tests(path: list[str], current: Value, known: _Known) -> list[dict[str, Any]]:
    """What an operation takes for granted about the place where it puts a value."""
    tests = _item_tests(path[:-1], current, known)
    parent = _find(current, path[:-1])
    if path and isinstance(parent, list):
        if path[-1] != "-" and parent:  # the item that stands there, or the one that the new item follows
            tests += _item_test([*path[:-1], str(min(_position(path[-1]), len(parent) - 1))], current, known)
    else:
        old = _find(current, path)
        tests.append(_operation("test", path, None if old is _MISSING else old))
    return tests


def _item_tests(path: list[str], current: Value, known: _Known) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = []
    parent = current
    for depth, key in enumerate(path):
        if isinstance(parent, list):
            tests += _item_test(path[: depth + 1], current, known)
        parent = _child(parent, key)
    return tests


def _item_test(path: list[str], current: Value, known: _Known) -> list[dict[str, Any]]:
    item = _find(current, path)
    name = item.get("name") if isinstance(item, dict) else None
    if isinstance(name, str):
        return [_operation("test", [*path, "name"], name)]
    if known.covers(path):
        return []
    known.add(path)
    return [_operation("test", path, item)]


def _before_removal(path: list[str], source: list[str], current: Value) -> list[str]:
    """The target of a `move`, which counts without the moved item, as it counts while that item is still there."""
    depth = len(source) - 1
    same_list = len(path) > depth and path[:depth] == source[:depth] and isinstance(_find(current, path[:depth]), list)
    if same_list and path[depth] != "-" and _position(path[depth]) >= _position(source[depth]):
        return [*path[:depth], str(_position(path[depth]) + 1), *path[depth + 1 :]]
    return path


def _shifts_items(operation: Operation, current: Value) -> bool:
    """Whether items of a list may stand elsewhere after the operation, or have another name."""
    if operation["op"] == "test":
        return False
    paths = [parse(operation[key]) for key in ("path", "from") if key in operation]
    return any(not path or path[-1] == "name" or isinstance(_find(current, path[:-1]), list) for path in paths)


def _operation(kind: str, path: list[str], value: Value) -> dict[str, Any]:
    return {"op": kind, "path": join(path), "value": deepcopy(value)}


def _find(data: Value, path: list[str]) -> Value:
    for key in path:
        data = _child(data, key)
    return data


def _child(container: Value, key: str) -> Value:
    if isinstance(container, dict):
        return container.get(key, _MISSING)
    if isinstance(container, list) and key != "-" and _position(key) < len(container):
        return container[_position(key)]
    return _MISSING


def _index(key: str, length: int) -> str:
    return str(length) if key == "-" else key


def _position(key: str) -> int:
    """The number of a list index; 0 for what is none, which is refused as soon as the operation is applied."""
    return int(key) if key.isascii() and key.isdecimal() else 0
