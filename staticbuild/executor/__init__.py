"""Runs actions: the content store, the action cache, private folders, downloads, the journal. Unaware of Python packaging."""
