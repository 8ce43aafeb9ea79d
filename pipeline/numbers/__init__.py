"""Measured values as content sees them: formats, assertions, words, and where each comes from."""
