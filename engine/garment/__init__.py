"""What is known of a garment photo."""
