"""Rule packs: data model, loading with positions, linting, formatting, compiling to a frozen Ruleset."""
