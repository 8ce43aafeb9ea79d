"""The command line: typed options, one function a command."""
