"""The hand-designed models that a search has to beat, by domain."""
