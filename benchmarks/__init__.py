"""Figures that anyone can measure again: each module is a command, `python -m benchmarks.NAME`."""
