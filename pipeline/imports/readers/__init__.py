"""A reader for each kind of deck."""
