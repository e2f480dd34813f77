"""JAX: compiled on the CPU or an accelerator; plain functions over a dictionary of weights."""
