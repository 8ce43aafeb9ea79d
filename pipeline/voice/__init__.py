"""Sound and a script -> words heard, and the place in the script where the voice is."""
