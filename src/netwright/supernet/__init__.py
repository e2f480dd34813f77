"""Weight sharing: one bank of weights for every network of a space."""

BANK = "bank.safetensors"
"""The file with the weights that a round of a supernet's training left."""
