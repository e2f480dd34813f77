"""What a network costs on a device: measured, not estimated.

from netwright.devices.latency import latency_ms     # inference time on this CPU
"""
