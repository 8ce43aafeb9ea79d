"""What is wrong with a talk, and what its numbers say: cues, numbers, wording, why, diff."""
