"""Text to tokens and back, in one place, with vocabularies from the training split alone."""
