"""Says where every value of a project's rule sets comes from: a default, the configuration, the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..rulefile.parameter import Given, fill, flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..error import Place
    from ..rule import RuleSet
    from ..rulefile.switch import Switch
    from .config import Use
    from .project import Project


@dataclass(frozen=True, slots=True)
class Origin:
    """A parameter's value or a rule's switch, and where it is said; `files` are the globs of an override."""

    key: str  # `params.mirror`, `rules.image.enabled`
    value: str
    source: str
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        scope = f" in {' '.join(self.files)}" if self.files else ""
        return f"{self.key}: {self.value}  # {self.source}{scope}"


def find_origins(project: Project, use: Use, rule_set: RuleSet) -> list[Origin]:
    """The origins of all that a project says of one of its rule sets, its defaults too.

    First the values that hold where no override does, then those of the overrides in order.
    """
    values, origins, _ = fill(rule_set, [use.params, project.given])
    found = [
        Origin(f"params.{name}", flow(value, inside=True), _source(origins[name], rule_set))
        for name, value in values.items()
    ]
    found += _switches(rule_set, use.switches)
    for override in project.config.overrides:
        files = tuple(each.text for each in override.files)
        values, origins, _ = fill(rule_set, [override.params, project.given])
        found += (
            Origin(f"params.{name}", flow(values[name], inside=True), _source(given, rule_set), files)
            for name, given in origins.items()
            if given in override.params
        )
        found += _switches(rule_set, override.switches, files)
    return found


def _source(given: Given | None, rule_set: RuleSet) -> str:
    if given is None:
        return f"default of {rule_set.name}"
    return _line(given.place) if given.place.file is not None else "-p"


def _switches(rule_set: RuleSet, switches: Sequence[Switch], files: tuple[str, ...] = ()) -> Iterator[Origin]:
    for rule in (*rule_set.rules, *rule_set.off):
        said = {}
        for each in switches:
            if each.fits(rule_set.name, rule.id):
                for key, value in _values(each):
                    said[key] = Origin(f"rules.{rule.id}.{key}", value, _line(each.places[key]), files)
        yield from said.values()


def _values(switch: Switch) -> Iterable[tuple[str, str]]:
    if switch.enabled is not None:
        yield "enabled", "true" if switch.enabled else "false"
    if switch.severity is not None:
        yield "severity", switch.severity
    if switch.expect is not None:
        least, most = switch.expect.least, switch.expect.most
        bounds = str(least) if least == most else f"{least}..{'' if most is None else most}"
        yield "expect", f"{{matches: {flow(bounds, inside=True)}}}"
    if switch.when is not None:
        yield "when", flow(switch.when.value, inside=True)


def _line(place: Place) -> str:
    return f"{place.file}:{place.line}"
