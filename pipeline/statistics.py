"""Intervals and paired comparisons of measured values: plain Python, each method with its source."""
