"""What the review console works on: which results, what it shows of each, what it is answered."""
