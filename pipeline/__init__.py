"""The machine, in the order of the flow: measure, bind, read, join, check, draw, show, deliver."""
