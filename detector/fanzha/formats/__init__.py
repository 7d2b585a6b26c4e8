"""Readers: from bytes of a file to a Conversation. They know no rule."""
