"""The pre-trained model: got, trained, and what it has to beat."""
