"""Benchmarks of search strategies on tables of networks whose results are known."""
