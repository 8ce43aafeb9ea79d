"""Readers given what nobody would write: what they are, their inputs, and the bounds of each."""
