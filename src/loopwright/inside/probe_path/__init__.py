"""Put on PYTHONPATH of a probed test run: the probe itself, and the door through which it enters unittest."""
