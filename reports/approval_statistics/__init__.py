"""What reviewers decided, what it cost and how long it took, by provider, model and outfit."""
