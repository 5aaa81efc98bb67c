"""The REST API: docs/api.md tells its rules, docs/openapi.yaml every address."""
