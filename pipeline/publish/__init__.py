"""The public site, and the proof that it holds no word of the script."""
