"""Show: figures, diagrams and pages of a Talk."""
