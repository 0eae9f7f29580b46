"""Why rules did what they did: what they looked at, what they found and saw, and what came of it."""
