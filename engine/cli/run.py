"""Runs a job over all inputs, in this process or in several, and hands on each result in the order of the inputs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..dataclass import replace
from ..error import Message
from ..suggest import listing
from .garbage import resume
from .interrupt import on_interrupt
from .job import Job, Outcome, perform, perform_together
from .progress import Progress
from .report import Report, Tally, count
from .standard_stream import read_input
from .terminal import is_terminal, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..rule import RuleSet
    from .find import Finding, Input

Product = TypeVar("Product")

_HELD = "the facts of this run come from all its documents"


def run(
    job: Job[Product],
    finding: Finding,
    rule_sets: Sequence[RuleSet],
    report: Report,
    take: Callable[[Outcome[Product]], None],
    *,
    strict: bool = False,
) -> Tally:
    """Do the job for every input and give `take` the outcome of each that did not fail, in the order of the inputs.

    An outcome is handed on as soon as it is there, unless a rule set can still refuse the whole run (`atomic: run`,
    `expect`, `strict`): then all wait for the last, and none is handed on if the run is refused. `strict` makes it an
    error that a rule matched nothing. Messages go to `report`. Rule sets with facts of the whole run need all inputs at
    once: these are rewritten in this process.
    """
    resume()
    tally = Tally(files=len(finding.inputs), charts=len(finding.templates))
    _tell(finding, report)
    waits = strict or any(each.atomic or any(rule.expect for rule in each.rules) for each in rule_sets)
    waiting: list[Outcome[Product]] = []
    refusing: set[str] = set()
    held = 0
    together = any(each.needs_run for each in rule_sets)
    given = _outcomes(job, finding.inputs, together=together, incomplete=report.errors > 0)
    with given as outcomes, _progress(report, len(finding.inputs)):
        for outcome in outcomes:
            report.progress.advance()
            report.add(outcome.messages)
            if outcome.detail:
                report.detail(outcome.detail)
            _count(tally, outcome)
            refusing |= _refusing(outcome, rule_sets)
            held += outcome.held
            if waits:
                waiting.append(outcome)
            elif not (outcome.failed or outcome.template or outcome.own):
                take(outcome)
        broken = _broken_bounds(tally, rule_sets, failed=report.errors > 0, strict=strict)
        report.add(broken)
        _tell_kept(report, refusing, held, broken=bool(broken))
        if refusing or broken:
            tally.rewritten, tally.rules = 0, set()
        for outcome in waiting:
            if not (refusing or broken or outcome.failed or outcome.template or outcome.own):
                take(outcome)
    return tally


def _tell(finding: Finding, report: Report) -> None:
    """Say what there is to say of the inputs before they are read."""
    report.add(finding.messages)
    for text in finding.details:
        report.detail(text)
    for name in finding.templates:
        report.detail(f"{printable(name)}: skipped: a template of a Helm chart")


def _tell_kept(report: Report, refusing: set[str], held: int, *, broken: bool) -> None:
    """Say what stays as it is though nothing is wrong with it, and why."""
    if refusing:
        report.say(f"nothing was written: {listing(sorted(refusing))} refused, with `atomic: run`")
    elif broken:
        report.say("nothing was written")
    elif held:
        report.say(f"{count(held, 'file')} kept as {'it was' if held == 1 else 'they were'}: {_HELD}")


def conclude(tally: Tally, report: Report, rule_sets: Sequence[RuleSet]) -> None:
    """Say what a run did as a whole: the summary line, matches per rule with `-v`, and that nothing matched."""
    reader = sys.modules.get("retouch.reading.yaml_reader")  # not imported where there was no YAML to read
    if reader is not None and not reader.HAS_C_PARSER:
        report.detail("ruamel.yaml.clib is not installed: YAML is read by the pure parser, many times slower")
    for rule, number in sorted(tally.matches.items()):
        kept = f", {tally.suppressed[rule]} suppressed" if tally.suppressed[rule] else ""
        report.detail(f"{rule}: {count(number, 'match', 'matches')}{kept}")
    if tally.documents and not tally.rewritten and not report.errors:
        if rule_sets and not sum(tally.matches.values()):
            hint = "; `retouch explain` says why" if any(each.rules for each in rule_sets) else ""
            report.say(f"nothing matched: {_describe_idleness(tally)}{hint}")
        elif tally.files == 1:
            report.say(f"nothing to change: what the {'rules ask' if rule_sets else 'patch asks'} for is there")
    if tally.charts or tally.files > 1:
        report.say(report.summary(tally))


def _describe_idleness(tally: Tally) -> str:
    if tally.unread == tally.documents:
        left = count(tally.unread, "document was left unread", "documents were left unread")
        return f"{left}, as no rule can apply to {'it' if tally.unread == 1 else 'them'}"
    read = count(tally.documents - tally.unread, "document was", "documents were") + " read"
    left = f", {tally.unread} left unread" if tally.unread else ""
    suppressed = sum(tally.suppressed.values())
    why = f"comments suppress what applies ({suppressed})" if suppressed else "no rule applies"
    return f"{read}{left}, and {why}"


def _count(tally: Tally, outcome: Outcome[Product]) -> None:
    if outcome.template:
        tally.files -= 1
        tally.charts += 1
    tally.files -= outcome.own
    tally.documents += outcome.documents
    tally.unread += outcome.unread
    tally.rewritten += outcome.rewritten
    tally.rules |= outcome.rules
    tally.matches.update(outcome.matches)
    tally.suppressed.update(outcome.suppressed)


def _refusing(outcome: Outcome[Product], rule_sets: Sequence[RuleSet]) -> set[str]:
    """The names of the rule sets that refuse the whole run because of an input."""
    atomic = {each.name for each in rule_sets if each.atomic}
    refusals = (each.rule for each in outcome.messages if each.severity == "error" and each.rule)
    return {rule.rpartition("/")[0] for rule in refusals} & atomic


def _broken_bounds(tally: Tally, rule_sets: Sequence[RuleSet], *, failed: bool, strict: bool) -> list[Message]:
    """What the run as a whole did wrong: it matched too often, too seldom, or with `--strict` not at all."""
    idle = _idle_rules(tally, rule_sets) if strict and not failed else ()
    return [*_broken_expectations(tally, rule_sets, failed=failed), *idle]


def _broken_expectations(tally: Tally, rule_sets: Sequence[RuleSet], *, failed: bool) -> Iterator[Message]:
    """What matched too often or too seldom; too seldom says nothing where inputs failed."""
    expected = {  # once, however many variants of the rule set run
        f"{rule_set.name}/{rule.id}": rule.expect for rule_set in rule_sets for rule in rule_set.rules if rule.expect
    }
    for name, expect in expected.items():
        number = tally.matches[name]
        if expect.has_too_many(number) if failed else not expect.allows(number):
            matched = count(number, "match", "matches")
            text = f"the rule had {matched} in this run, and `expect` wants {expect}"
            yield Message("error", text, expect.place, name)


def _idle_rules(tally: Tally, rule_sets: Sequence[RuleSet]) -> Iterator[Message]:
    """What `--strict` says of rules that matched nothing; those that only refuse or warn had better not."""
    rules = {f"{rule_set.name}/{rule.id}": rule for rule_set in rule_sets for rule in rule_set.rules}
    for name, rule in rules.items():
        changes = not all(action.verb in ("fail", "warn") for action in rule.actions)
        if changes and rule.expect is None and not tally.matches[name] and not tally.suppressed[name]:
            text = "the rule matched nothing in this run, which --strict forbids"
            yield Message("error", text, replace(rule.place, excerpt=None), name)


@contextmanager
def _progress(report: Report, total: int) -> Iterator[None]:
    enabled = report.shows_progress and is_terminal(sys.stderr)
    with Progress(sys.stderr, total, enabled=enabled) as progress, on_interrupt(progress.abandon):
        report.progress = progress
        yield


@contextmanager
def _outcomes(
    job: Job[Product], inputs: Sequence[Input], *, together: bool, incomplete: bool
) -> Iterator[Iterator[Outcome[Product]]]:
    if job.streams and not together and all(each.path is None for each in inputs):
        from .streaming import perform_stream  # only `apply` with no file needs it

        yield (perform_stream(job, each) for each in inputs)
        return
    texts = [read_input() if each.path is None else b"" for each in inputs]
    if together:
        yield iter(perform_together(job, inputs, texts, incomplete=incomplete))
        return
    if job.processes == 1 or len(inputs) < 2:
        yield map(partial(perform, job), inputs, texts)
        return
    from .pool import perform_all  # most runs need one process only

    with perform_all(job, inputs, texts) as outcomes:
        yield outcomes
