"""A Talk and its pictures -> the pages: deck, reading view, script, rehearsal."""
