"""Diagrams from declarative sources, laid out by Graphviz."""
