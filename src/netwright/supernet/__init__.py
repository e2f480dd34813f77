"""Weight sharing: one bank of weights for every network of a space."""
