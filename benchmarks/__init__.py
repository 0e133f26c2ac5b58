"""Measurements, not tests: what pages, checks, letters and figures cost beside their limits."""
