"""Experiments of many cells: each one question, a grid, seeds; each cell kept like a run."""
