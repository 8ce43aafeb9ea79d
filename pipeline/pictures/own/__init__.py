"""The speaker's own charts: `deck/figures/NAME.py`, each drawn in a process of its own."""
