"""Rules at work: what they match, what their verbs do, and the document that changes."""
