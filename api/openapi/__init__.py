"""How the OpenAPI document is made and kept compatible."""
