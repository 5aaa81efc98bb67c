"""Aliyun Market V2: payloads, responses, errors, image rules, prices."""
