"""Charts, diagrams and drawings as SVG in the colours of the theme."""
