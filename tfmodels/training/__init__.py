"""The loop that trains every model, and what it leaves on disk: checkpoints, events, a manifest."""
