"""All verbs of the rule language by name."""

from __future__ import annotations

from . import verb_list, verb_mapping, verb_message, verb_patch, verb_text
from .call import VERBS, Call, Key, Verb

__all__ = ["VERBS", "Call", "Key", "Verb"]

MODULES = (verb_patch, verb_mapping, verb_list, verb_text, verb_message)
"""Where verbs are defined; a new file of verbs is entered here."""
