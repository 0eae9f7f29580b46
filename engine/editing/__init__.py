"""The text: what changed in the tree becomes edits, checked before they are given out."""
