"""The readers of YAML that must find in it what retouch wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ruamel.yaml
import yaml


def ruamel_reader(version: tuple[int, int], *, pure: bool) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        parser = ruamel.yaml.YAML(typ="safe", pure=pure)
        parser.version = version
        return parser.load(text)

    return read


READERS: dict[str, Callable[[str], Any]] = {
    "PyYAML": yaml.safe_load,
    "PyYAML with libyaml": lambda text: yaml.load(text, yaml.CSafeLoader),
    "ruamel.yaml 1.1": ruamel_reader((1, 1), pure=True),
    "ruamel.yaml 1.2": ruamel_reader((1, 2), pure=True),
    "ruamel.yaml 1.1 with libyaml": ruamel_reader((1, 1), pure=False),
    "ruamel.yaml 1.2 with libyaml": ruamel_reader((1, 2), pure=False),
}
