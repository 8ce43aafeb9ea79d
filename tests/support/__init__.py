"""What tests of several rooms share: small talks, models and runs made up for them."""
