"""The built-in rule sets."""
