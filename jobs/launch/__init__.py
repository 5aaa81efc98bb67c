"""From ticked persons and outfits to a batch of jobs."""
