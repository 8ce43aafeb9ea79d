"""A kept run's models on stage: questions, a short training, the notebook."""
