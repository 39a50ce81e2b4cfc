"""What a Python distribution is made of, and the archives that hold one. Unaware of who asks for it."""
