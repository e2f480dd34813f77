"""The revisions, numbered as the schemas that they lead to."""
