"""Looks for what is wrong, or hardly meant, in rule sets that load."""
