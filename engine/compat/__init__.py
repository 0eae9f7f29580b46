"""Functions under the names and signatures of other tools, for whoever moves from them."""
