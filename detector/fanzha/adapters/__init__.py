"""fanzha inside other tools: thin, each behind an extra of its own."""
