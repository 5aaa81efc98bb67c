"""Aidge (Alibaba International): payloads, responses, errors, image rules, prices."""
