"""Text: words, running text, and sentences with translations."""
