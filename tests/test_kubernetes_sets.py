"""kubernetes/registry-mirror and kubernetes/pod-security on manifests as people write them, and on Argo's examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pod_check import pod_of, rights, said, unsaid

import retouch

HERE = Path(__file__).resolve().parent
SHOP = (HERE / "manifests" / "shop.yaml").read_text("utf-8")
EXAMPLES = sorted((HERE.parents[1] / "shared" / "corpus" / "argo-examples").rglob("*.yaml"))
MIRROR = retouch.load("kubernetes/registry-mirror", params={"mirror": "mirror.example.com", "computed": "keep"})
SECURITY = retouch.load("kubernetes/pod-security")


def mirrored(data: Any) -> Any:
    """The data with all that is called an image on the mirror; what templates are given is not an image yet."""
    if isinstance(data, list):
        return [mirrored(each) for each in data]
    if not isinstance(data, dict):
        return data
    return {key: _mirrored(key, value) for key, value in data.items()}


def _mirrored(key: str, value: Any) -> Any:
    if key == "image" and isinstance(value, str):
        return sent(value)
    return value if key in {"withItems", "arguments"} else mirrored(value)


def sent(image: str) -> str:
    if image.startswith("{{"):
        return image
    if re.match(r"[^/]+\.[^/]+/", image):
        return f"mirror.example.com/{image}"
    return f"mirror.example.com/docker.io/{'' if '/' in image else 'library/'}{image}"


@pytest.mark.skipif(not EXAMPLES, reason="the corpora are not on this machine")
def test_images_of_all_examples_of_argo_come_from_the_mirror() -> None:
    changed = 0
    for example in EXAMPLES:
        text = example.read_text("utf-8")
        result = retouch.rewrite(text, MIRROR, file=example.name)
        before, after = (list(yaml.load_all(each, Loader=yaml.CSafeLoader)) for each in (text, result.text))
        assert after == mirrored(before), example.name
        assert retouch.rewrite(result.text, MIRROR).text == result.text
        changed += result.text != text
    assert changed > 150


def test_images_of_the_shop_come_from_the_mirror() -> None:
    result = retouch.rewrite(SHOP, MIRROR)
    assert list(yaml.safe_load_all(result.text)) == mirrored(list(yaml.safe_load_all(SHOP)))
    changed = [(old, new) for old, new in zip(SHOP.split("\n"), result.text.split("\n"), strict=True) if old != new]
    assert len(changed) == 5
    assert all("image: " in old and "mirror.example.com/" in new for old, new in changed)


def test_the_shop_fits_the_standard() -> None:
    result = retouch.rewrite(SHOP, SECURITY)
    workloads = {"Deployment", "StatefulSet", "CronJob"}
    for old, new in zip(yaml.safe_load_all(SHOP), yaml.safe_load_all(result.text), strict=True):
        if old["kind"] not in workloads:
            assert old == new
            continue
        assert old["kind"] == "StatefulSet" or unsaid(pod_of(old))
        assert said(pod_of(new)) | unsaid(pod_of(new)) == set()
        assert rights(pod_of(new)) <= rights(pod_of(old))
    lines = iter(result.text.split("\n"))
    assert [line for line in SHOP.split("\n") if "containers: [{" not in line and line not in lines] == []


@pytest.mark.parametrize("order", [(MIRROR, SECURITY), (SECURITY, MIRROR)], ids=["mirror first", "security first"])
def test_both_together(order: tuple[retouch.Rules, retouch.Rules]) -> None:
    first, second = order
    once = retouch.rewrite(retouch.rewrite(SHOP, first).text, second).text
    assert all(retouch.rewrite(once, rules).text == once for rules in order)
