"""[measure.NAME] of talk.toml: commands run and files read -> `Measurement`s."""
