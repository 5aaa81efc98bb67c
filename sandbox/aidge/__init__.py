"""The Aidge half of the simulator."""
