"""The thin layer where engine and domain meet: one module per kind of target, each turning declarations into actions."""
