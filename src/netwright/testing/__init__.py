"""Conformance suites and ordeals for strategies, stores and executors, to be run on your own as well."""
