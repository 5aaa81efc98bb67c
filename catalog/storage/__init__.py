"""Private and public files, in a folder or a bucket."""
