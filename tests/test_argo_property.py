"""Workflows made by chance: what comes out fits together, a second run finds nothing, and comments stay."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from argo_check import check_result, problems
from argo_maker import Maker, comments, without_artifacts, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import retouch

VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
BOUNDED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

chances = st.randoms(use_true_random=False)


def load(**params: Any) -> retouch.Rules:
    return retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, **params})


RULES = {
    "error": load(),
    "keep": load(unsupported="keep"),
    "files": load(unsupported="keep", layout="file"),
    "others": load(
        unsupported="keep", readOnlyInputs=False, volumeScope="template", suffix="_p", mode="ignore", protectedDirs=[]
    ),
}


@pytest.mark.parametrize("rules", RULES)
@BOUNDED
@given(chances)
def test_what_comes_out_fits_together(rules: str, chance: Random) -> None:
    documents = Maker(chance).documents()
    assert problems(*documents) == []
    text = write(documents, chance)
    try:
        result = retouch.rewrite(text, RULES[rules], file="made.yaml")
    except retouch.RefusedError as error:
        assert rules == "error"
        check_refusals(error.messages)
    else:
        check_result(text, result, RULES[rules])
        assert comments(result.text) == comments(text)


def check_refusals(messages: tuple[retouch.Message, ...]) -> None:
    for message in messages:
        assert message.place.file == "made.yaml"
        assert message.place.line
        assert message.place.column
        assert message.text.startswith(("template ", "spec")), message.text
        assert "'" in message.text


@settings(BOUNDED, max_examples=20)
@given(chances)
def test_without_artifacts_nothing_changes(chance: Random) -> None:
    text = write(without_artifacts(Maker(chance).documents()), chance)
    result = retouch.rewrite(text, RULES["error"])
    assert result.text == text
    assert not result.warnings


@settings(BOUNDED, max_examples=25)
@given(chances)
def test_what_the_kfp_compiler_emits_is_always_converted(chance: Random) -> None:
    text = write(Maker(chance, plain=True).documents(), chance)
    result = retouch.rewrite(text, RULES["error"])
    check_result(text, result, RULES["error"])
    assert result.changed
    assert comments(result.text) == comments(text)
