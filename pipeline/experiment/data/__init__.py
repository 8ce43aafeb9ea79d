"""Labelled messages: read, cleaned, split."""
