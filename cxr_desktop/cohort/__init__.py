"""One case, or a data set of them, through the engine."""
