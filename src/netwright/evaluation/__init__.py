"""How good an architecture is: evaluators take a proposal and give a measurement."""
