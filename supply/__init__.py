"""What the project takes from others: by hash, with its licences, stated at each release."""
