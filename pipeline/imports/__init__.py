"""Decks of other tools -> a talk: a file a slide, notes as a script, and a list of what is gone."""
