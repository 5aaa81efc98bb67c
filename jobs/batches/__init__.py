"""What is known of a batch: progress, failures, spend, time left."""
