"""Estimators, calibration, intervals and their files."""
