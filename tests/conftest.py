"""Options of the test run, and how hypothesis chooses: the same examples every time, unless it is to explore."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("argo_check")

settings.register_profile("steady", derandomize=True, database=None)
settings.register_profile("explore", derandomize=False)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what came out as what is expected; read the diff")
