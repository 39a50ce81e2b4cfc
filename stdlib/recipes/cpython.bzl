def cpython(libraries):
    pass
