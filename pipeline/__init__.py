"""The machine: experiment -> talk -> site -> rehearsal, in the order of the flow."""

__version__ = "0.1.0"
