"""The review console: its queue, what it shows of each result, how it is answered."""
