"""Practise: the log of rehearsals and what it says about the plan."""
