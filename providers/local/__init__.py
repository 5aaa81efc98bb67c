"""The embedded engine as a provider."""
