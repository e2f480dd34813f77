"""Recordings: what is said in them, and how texts are spoken."""
