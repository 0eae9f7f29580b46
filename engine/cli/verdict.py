"""What came of a rule, in the few words that stand behind its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import count
from .terminal import GREEN, RED, YELLOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..explaining.account import Look, RuleAccount, RuleSetAccount


def verdict_of(rule_set: RuleSetAccount, account: RuleAccount) -> tuple[str, str]:
    """What came of a rule, and the colour for that."""
    looks = list(account.looks.values())
    matched = sum(each.matched for each in looks)
    if any(each.errors for each in looks):
        return "fails", RED
    if not looks:
        return _unseen(rule_set, account), YELLOW
    kept = sum(each.suppressed for each in looks)
    if not matched:
        said = f"is kept away by comments, {times(kept)}" if kept else f"matches nothing{_reason(looks)}"
        return said, YELLOW
    results = [*_results(looks), *([f"{kept} kept away by comments"] if kept else [])]
    suffix = f": {', '.join(results)}" if results else ", and changes nothing"
    return f"matches {times(matched)}{suffix}", GREEN if any(each.changes for each in looks) else YELLOW


def times(number: int) -> str:
    """How often something happened."""
    return "once" if number == 1 else f"{number} times"


def _unseen(rule_set: RuleSetAccount, account: RuleAccount) -> str:
    if not rule_set.seen:
        return "is not run: its rule set sees no document"
    return "sees no document" if account.excluded else "is not run, as an earlier rule failed"


def _results(looks: Sequence[Look]) -> list[str]:
    """What a rule that matched left behind."""
    operations = sum(len(each.operations) for each in looks)
    results = [count(operations, "operation")] if operations else []
    if not operations and any(each.changes for each in looks):
        verbs = {action.action.verb for each in looks for action in each.actions.values() if action.changed}
        results.append("sets comments" if verbs == {"comment"} else "what it changed, rules changed back")
    said = [message.severity for each in looks for message in each.messages]
    for severity, noun in (("error", "refusal"), ("warning", "warning")):
        if severity in said:
            results.append(count(said.count(severity), noun))
    return results


def _reason(looks: Sequence[Look]) -> str:
    """The one reason for which a rule matched nothing, where there is one."""
    told = [each for each in looks if not each.is_empty]
    if told and all(each.judgements for each in told):
        return ": `when` is never true"
    stuck = {next((name for name, each in look.captures.items() if not each.found), "") for look in told}
    return f": `{stuck.pop()}` finds nothing" if len(stuck) == 1 and "" not in stuck else ""
