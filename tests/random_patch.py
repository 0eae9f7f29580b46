"""Random RFC 6902 patches that can be applied to given data."""

from __future__ import annotations

from typing import Any

from corpus import pointers
from hypothesis import strategies as st
from random_document import values, words

from retouch.error import PatchError
from retouch.patch import apply
from retouch.pointer import join


@st.composite
def patches(draw: st.DrawFn, data: Any, most: int = 4) -> list[dict[str, Any]]:
    """Up to `most` operations, of which each can be applied to what the ones before leave."""
    found: list[dict[str, Any]] = []
    for _number in range(draw(st.integers(1, most))):
        operation = draw(_operations(data))
        try:
            data = apply(data, [operation])
        except PatchError:
            continue
        found.append(operation)
    return found


@st.composite
def _operations(draw: st.DrawFn, data: Any) -> dict[str, Any]:
    places = list(pointers(data))
    way, _value = draw(st.sampled_from(places))
    path = join(list(way))
    kind = draw(st.sampled_from(["add", "add", "replace", "remove", "move", "copy", "rename"]))
    if kind in ("replace", "remove") and way:
        return {"op": kind, "path": path, **({"value": draw(values)} if kind == "replace" else {})}
    if kind == "rename" and way:
        return {"op": "move", "from": path, "path": join([*way[:-1], draw(words)])}
    containers = [place for place in places if isinstance(place[1], (dict, list))]
    if not containers:
        return {"op": "replace", "path": "", "value": draw(values)}
    inner, container = draw(st.sampled_from(containers))
    key = draw(words) if isinstance(container, dict) else draw(st.sampled_from(["-", "0", len(container)]))
    target = join([*inner, key])
    if kind in ("move", "copy") and way:
        return {"op": kind, "from": path, "path": target}
    return {"op": "add", "path": target, "value": draw(values)}
