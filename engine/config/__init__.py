"""The configuration of a project: which rule sets run on which files, with which parameters and switches."""
