"""Names of images made from their parts: what becomes of them follows from the parts, whatever way they are written."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
import yaml
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import retouch

PARAMETERS: list[dict[str, Any]] = [
    {"mirror": "mirror.example.com"},
    {"mirror": "mirror.example.com:5000/proxy/all", "keepRegistry": False},
    {"mirror": "mirror.example.com", "prefixes": {"docker.io": "hub", "quay.io": ""}, "registries": ["*.io"]},
    {"mirror": "quay.io/acme", "allow": ["docker.io/library/*", "localhost*"], "registries": ["*"]},
]
RULES = [retouch.load("kubernetes/registry-mirror", params=parameters) for parameters in PARAMETERS]

part = st.from_regex(r"[a-z0-9]{1,5}([._-]|__)?[a-z0-9]{1,3}", fullmatch=True)
expression = st.sampled_from(["{{inputs.parameters.x}}", "${X}", "$(X)", "{{= x ? 'a' : 'b:1' }}"])
tag = st.one_of(
    st.just(""), st.from_regex(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,7}", fullmatch=True), expression.map(":{}".format)
)
digest = st.one_of(st.just(""), st.just("@sha256:" + "0f" * 32), expression.map("@{}".format))
registry = st.sampled_from(
    ["docker.io", "quay.io", "gcr.io", "localhost", "localhost:5000", "127.0.0.1:80", "a.example.com"]
)


@st.composite
def images(draw: st.DrawFn) -> tuple[str, str, str]:
    """The image as it is written, its registry, and what follows the registry in full."""
    where = draw(registry)
    path = "/".join(draw(st.lists(part, min_size=1, max_size=3)))
    rest = draw(tag) + draw(digest)
    written = f"{where}/{path}"
    if where == "docker.io":
        written = draw(st.sampled_from([f"docker.io/{path}", f"index.docker.io/{path}", path]))
        head, slash, _ = path.partition("/")
        if written == path and slash and ("." in head or head == "localhost"):
            written = f"docker.io/{path}"  # a host, where no registry is named
        path = path if slash else f"library/{path}"
    return written + rest, where, path + rest


@pytest.mark.parametrize("number", range(len(RULES)))
@examples(25)
@given(images())
def test_what_becomes_of_an_image(number: int, image: tuple[str, str, str]) -> None:
    written, where, rest = image
    document = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": written}]}}
    result = retouch.rewrite(json.dumps(document), RULES[number])
    expected = becomes(PARAMETERS[number], where, rest) or written
    assert yaml.safe_load(result.text)["spec"]["containers"][0]["image"] == expected
    assert not result.warnings
    assert retouch.rewrite(result.text, RULES[number]).text == result.text


def becomes(parameters: dict[str, Any], where: str, rest: str) -> str | None:
    known = {"docker.io", "quay.io", "gcr.io"}
    on_mirror = f"{where}/{rest}".startswith(parameters["mirror"] + "/")
    allowed = "allow" in parameters and (
        where.startswith("localhost") or f"{where}/{rest}".startswith("docker.io/library/")
    )
    if on_mirror or allowed or ("*" not in parameters.get("registries", []) and where not in known):
        return None
    kept = where.replace(":", "-") if parameters.get("keepRegistry", True) else ""
    prefix = parameters.get("prefixes", {}).get(where, kept)
    return "/".join(filter(None, [parameters["mirror"], prefix, rest]))


@pytest.mark.parametrize(("start", "end"), [*product(["", "localhost:", "docker.io/"], ["", "/web", "/web:1", "-web"])])
def test_what_may_be_any_registry_is_left_and_told(start: str, end: str) -> None:
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {"containers": [{"name": "a", "image": f"{start}{{{{x}}}}{end}"}]},
    }
    result = retouch.rewrite(json.dumps(document), RULES[0])
    if (start, end) in {("localhost:", ""), ("localhost:", "-web")}:  # an image called localhost, and its tag
        assert "docker.io/library/localhost:" in result.text
    else:
        assert result.text == json.dumps(document)
        assert [message.text.startswith("what the image") for message in result.warnings] == [True]
