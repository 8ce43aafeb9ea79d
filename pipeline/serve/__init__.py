"""The deck on this machine: each change shown as it is saved, the live demo, a training."""
