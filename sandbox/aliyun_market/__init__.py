"""The Aliyun Market half of the simulator."""
