"""Options of the test run, and how hypothesis chooses: the same examples every time, unless new ones are asked for."""

from __future__ import annotations

import pytest
from examples import FUZZ
from hypothesis import settings

pytest.register_assert_rewrite("argo_check")

settings.register_profile("steady", derandomize=True, database=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what came out as what is expected; read the diff")
    parser.addoption("--fuzz", type=int, metavar="N", help="property tests: N new examples each, not always the same")


def pytest_configure(config: pytest.Config) -> None:
    number = config.getoption("--fuzz")
    if number:
        settings.register_profile(FUZZ, derandomize=False, max_examples=number, print_blob=True)
        settings.load_profile(FUZZ)
