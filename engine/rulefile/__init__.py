"""Rule files: read, checked, compiled, every mistake with its place."""
