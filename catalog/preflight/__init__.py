"""What a provider would say of a photo, before it is asked."""
