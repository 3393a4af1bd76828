"""The pictures and numbers of the pages, a module for some pages each."""
