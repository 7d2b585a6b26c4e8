"""Measuring rules on labelled conversations: recall, false alarms, and how early an alert comes."""
