"""Expressions and templates of the rule language: parsed by Jinja2, compiled to closures."""
