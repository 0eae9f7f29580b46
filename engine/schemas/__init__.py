"""JSON Schemas of the files that people write, for editors: those that are shipped, and what makes them.

Which keys a mapping may have is said once, by the `Fields` of its reader and the keys of the verbs; here stands what a
key holds. A key without an entry here fails when a schema is made, so no key can be forgotten. The files `*.json` are
what `schema.py` makes, and a test fails where they are not.
"""
