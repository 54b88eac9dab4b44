"""What the command line does, one command a file; the engine is the window's."""
