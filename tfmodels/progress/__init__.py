"""What a user sees while something takes its time: what is under way, and how far it is."""
