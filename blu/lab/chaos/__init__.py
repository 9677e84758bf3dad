"""Proof by destruction: campaigns on two nodes while processes are killed, paused and restarted."""
