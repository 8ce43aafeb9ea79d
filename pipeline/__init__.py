"""The machine, in the order of the flow: measure, bind, read, join, check, draw, show, deliver."""

__version__ = "0.2.0.dev0"
