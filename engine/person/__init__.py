"""What is known of a photo of a person."""
