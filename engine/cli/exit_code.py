"""The exit codes of every command."""

from __future__ import annotations

DONE, CHANGES, FAILED = 0, 1, 2
"""Done, and for `diff` nothing would change; `diff` found changes; an error."""
