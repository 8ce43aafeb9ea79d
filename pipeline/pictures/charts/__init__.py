"""Charts of a run, drawn with matplotlib."""
