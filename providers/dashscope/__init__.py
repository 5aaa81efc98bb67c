"""Alibaba DashScope: payloads, responses, errors, image rules, prices."""
