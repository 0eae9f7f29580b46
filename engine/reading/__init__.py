"""What a text says: documents, and nodes that know their place."""
