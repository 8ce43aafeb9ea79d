"""Measure: data, model, training, metrics; ends in results.json."""
