"""Readers of what chat programs and their exporters write, one module a tool.

They read exported files only: no database of a chat program is opened, and no key is looked for.
"""
