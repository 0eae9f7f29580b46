"""The bounds that a document, a rule set or a patch meets; docs/security.md says what happens at each of them.

A bound that only one filter or one function has stands where it is used.
"""

from __future__ import annotations

MAX_DEPTH = 200  # mappings and lists inside each other: in a text, in a result, in plain data
MAX_COPIES = 200_000  # values that the aliases of a document, or the shared parts of plain data, stand for
MAX_MERGED = 200_000  # members that the merge keys of a document bring, those that are overridden included
MAX_TAG_TEXT = 1_000_000  # characters that the tags of a document expand to, besides ten times its text
MAX_NEW_VALUES = 1_000_000  # values that operations add to a document, besides one for each character of its text
CHARACTERS_PER_VALUE = 100  # a long text or key counts as a value for each so many characters
MAX_EXTENDS = 50  # rule sets that extend each other in a row
MAX_BRACKETS = 40  # brackets inside each other in an expression
MAX_OPERATIONS = 200  # operators, filters and members of an expression in or behind each other; `&&` and `||` in a path

# of one evaluation of an expression
MAX_TEXT = 10_000_000  # characters of one text
MAX_ITEMS = 1_000_000  # items of one list
MAX_BITS = 4_096  # of one integer: 1,233 digits, well below what Python refuses to print
MAX_WORK = 5_000_000  # steps: items visited, filters applied and 16 characters made or looked at

# of all that rules do to one text
MAX_STEPS = 20_000_000  # steps of all evaluations, and nodes that paths visit, besides those of the next line
STEPS_PER_CHARACTER = 50  # steps for each rule and each character of the text
MAX_COMBINATIONS = 1_000_000  # combinations of captures, besides one for each character of the text

# of regular expressions
MAX_PATTERN = 100_000  # characters
MAX_GROUPS = 50  # groups inside each other
MAX_EXPANSION = 100_000  # pieces that the library makes of a pattern: it writes repeats out
MATCH_SECONDS = 1.0  # of one search, match or substitution
SLOW_SECONDS = 10.0  # of all that rules do to one text, beyond what the lengths of the texts explain
