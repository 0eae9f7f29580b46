"""Paths of the rule language: parsed by jsonpath-ng, evaluated here, with locations; and regular expressions."""
