"""What a person or a program reads: renderers know the Verdict and nothing else of the engine."""
