"""Runs a case: the rules over its inputs, twice, and everything that is then not as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..diff import compare
from ..error import Message, RetouchError
from ..loader import give
from ..result import Rewrite
from ..rewriter import rewrite_together
from ..value import equal
from .law import broken_patch, broken_reverse
from .outcome import Finding, Outcome, Result

if TYPE_CHECKING:
    from ..evaluation.watch import Watch
    from ..loader import Rules
    from ..rule import RuleSet
    from .case import Case, Expected, RuleTest


def try_case(
    test: RuleTest, case: Case, rule_sets: Sequence[RuleSet], *, watch: Watch | None = None, verify: bool = True
) -> Result:
    """Run a case with its parameters given to `rule_sets`. Whatever goes wrong is in the result; nothing is raised.

    `watch` is told what happens in the first run. Costs two runs over the inputs.
    """
    start = monotonic()
    run = _run(case, rule_sets, watch, verify=verify)
    findings = tuple(_judge(case, run, verify=verify))
    return Result(test, case, findings, run.texts, _patch(run), monotonic() - start)


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of the inputs: their texts afterwards, their results where they have one, and what was told."""

    rules: Rules | None
    texts: dict[str, str]
    results: list[Rewrite]
    messages: list[Message]

    def told(self, severity: str) -> list[Message]:
        """The messages of a severity."""
        return [each for each in self.messages if each.severity == severity]


def _run(case: Case, rule_sets: Sequence[RuleSet], watch: Watch | None, *, verify: bool) -> _Run:
    try:
        rules = give(rule_sets, case.params)
    except RetouchError as error:
        return _Run(None, dict(case.inputs), [], list(error.messages))
    outcomes = rewrite_together(case.inputs.items(), rules, verify=verify, watch=watch)
    results = [each for each in outcomes if isinstance(each, Rewrite)]
    errors = [message for each in outcomes if isinstance(each, RetouchError) for message in each.messages]
    warnings = [message for each in results for message in each.warnings]
    if errors and any(each.atomic for each in rules):
        results = []
    texts = {**case.inputs, **{str(each.file): each.text for each in results}}
    return _Run(rules, texts, results, errors + warnings)


def _judge(case: Case, run: _Run, *, verify: bool) -> Iterator[Finding]:
    yield from _judge_messages(case, run, "error", case.errors)
    yield from _judge_messages(case, run, "warning", case.warnings)
    if run.told("error") and not case.errors:
        return  # that nothing was written says no more
    yield from _judge_texts(case, run)
    if case.patch is not None:
        yield from _judge_patch(case, run, case.patch)
    if not case.expects:
        yield Finding(Outcome.NOTHING_EXPECTED, case.place, "say what is expected; --update writes what comes out")
    for result in run.results:
        broken = broken_patch(result)
        if broken:
            yield Finding(Outcome.PATCH_DIFFERS, case.place, broken)
        undone = broken_reverse(result)
        if undone:
            yield Finding(Outcome.NOT_REVERSED, case.place, undone)
    if case.stable and run.rules is not None and not _tests(run.rules):
        yield from _judge_second_run(case, run, run.rules, verify=verify)


def _judge_messages(case: Case, run: _Run, severity: str, expected: Sequence[Expected]) -> Iterator[Finding]:
    """Every message must be expected, and every one that is expected must come."""
    told = {message: _printed(message) for message in run.told(severity)}
    missing, unexpected = (
        (Outcome.MISSING_ERROR, Outcome.UNEXPECTED_ERROR)
        if severity == "error"
        else (Outcome.MISSING_WARNING, Outcome.UNEXPECTED_WARNING)
    )
    for each in expected:
        if not any(str(each.text) in text for text in told.values()):
            yield Finding(missing, each.place, f"no {severity} contains: {each.text}")
    others = [text for text in told.values() if not any(str(each.text) in text for each in expected)]
    if others:
        yield Finding(unexpected, case.place, "\n".join(others))


def _printed(message: Message) -> str:
    """A message with its notes, as a run prints them."""
    return "\n".join([str(message), *(f"  {note}" for note in message.notes)])


def _judge_texts(case: Case, run: _Run) -> Iterator[Finding]:
    if case.outputs is None and not case.unchanged:
        return
    outputs = case.outputs or {}
    for name, before in case.inputs.items():
        text = run.texts[name]
        where = f"of {name}" if len(case.inputs) > 1 else ""
        if name in outputs:
            expected = outputs[name]
            if expected.text is None:
                yield Finding(
                    Outcome.WRONG_OUTPUT, case.place, f"there is no file `{expected.file}`; --update writes it"
                )
            elif text != expected.text:
                yield _difference(Outcome.WRONG_OUTPUT, case, where, expected.text, text)
        elif text != before:
            yield _difference(Outcome.UNEXPECTED_CHANGE, case, where, before, text)


def _difference(outcome: Outcome, case: Case, where: str, expected: str, text: str) -> Finding:
    """What is wrong with a text; with words for what a diff does not show to the eye."""
    hints = (("\r\n", "\n", "line ends"), (" \n", "\n", "blanks at the end of lines"), ("\t", " ", "tabs and blanks"))
    hidden = [what for old, new, what in hints if _reduce(expected, old, new) == _reduce(text, old, new)]
    parts = [where, f"they differ in {hidden[0]} only" if hidden else ""]
    return Finding(outcome, case.place, "\n".join(filter(None, parts)), compare(expected, text))


def _reduce(text: str, old: str, new: str) -> str:
    while old in text:
        text = text.replace(old, new)
    return text


def _judge_patch(case: Case, run: _Run, expected: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    made = _patch(run)
    if made is None:
        text = "several documents change, and `patch` is that of one: use `output`"
        yield Finding(Outcome.WRONG_PATCH, case.place, text)
    elif not equal(made, expected):
        yield Finding(Outcome.WRONG_PATCH, case.place, diff=compare(_lines(expected), _lines(made)))


def _lines(operations: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False, default=str) + "\n" for each in operations)


def _patch(run: _Run) -> list[dict[str, Any]] | None:
    """The operations of the one document that changes; None if there are several."""
    made = [one.patch for result in run.results for one in result.documents if one.changed]
    if not made:  # what a `test` proves is part of a patch too
        made = [one.patch for result in run.results for one in result.documents if one.patch][:1] or [[]]
    return made[0] if len(made) == 1 else None


def _judge_second_run(case: Case, run: _Run, rules: Rules, *, verify: bool) -> Iterator[Finding]:
    rewritten = {each.file for each in run.results}
    if not any(each.changed for each in run.results):
        return  # the second run would be the first again
    outcomes = rewrite_together(run.texts.items(), rules, verify=verify)
    for (name, text), again in zip(run.texts.items(), outcomes, strict=True):
        where = f"the second run changes {name}" if len(case.inputs) > 1 else "the second run changes it again"
        if isinstance(again, RetouchError) and name in rewritten:
            told = "\n".join(map(_printed, again.messages))
            yield Finding(Outcome.NOT_STABLE, case.place, f"the second run fails:\n{told}")
        elif isinstance(again, Rewrite) and again.changed:
            yield Finding(Outcome.NOT_STABLE, case.place, where, compare(text, again.text, ("first run", "second run")))


def _tests(rules: Rules) -> bool:
    """Whether some rule uses the verb `test`: what it asserts need not hold of the result."""
    return any(action.verb == "test" for each in rules for rule in each.rules for action in rule.actions)
