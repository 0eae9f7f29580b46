"""How many examples a property test takes: its own number, always the same ones; with `--fuzz N`, N new ones."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

FUZZ = "fuzz"


def examples(number: int) -> settings:
    """The settings of a property test that takes `number` examples when nothing is asked for."""
    fuzzing = settings.get_current_profile_name() == FUZZ
    return settings(
        max_examples=settings.default.max_examples if fuzzing else number,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
