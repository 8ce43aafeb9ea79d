"""What was heard in rehearsals: microphone -> words -> what was said of the script -> a report."""
