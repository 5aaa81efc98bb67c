"""The project's demo: rendered photos and the scripts that compute them."""
