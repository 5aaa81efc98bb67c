"""The REST API: docs/api.md has its rules, docs/openapi.yaml every address."""
