"""Other people's contracts over our nouns and engine: change one import and keep the rest of the program."""
