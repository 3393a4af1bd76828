"""Other libraries' contracts over hueclid's nouns: change one import and keep the call."""
