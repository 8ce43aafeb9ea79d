"""script/voiceover.md -> Script: parsed, timed, cut and fitted to a slot."""
