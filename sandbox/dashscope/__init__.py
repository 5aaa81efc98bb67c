"""The DashScope half of the simulator."""
