"""Join: numbers, slides and script become one checked Talk."""
