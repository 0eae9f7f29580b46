"""Rule tests: what their files say, how their cases run, and what of the rules they exercise."""
