"""From a target triple to argument lists for compiling, archiving and linking. Touches no files."""
