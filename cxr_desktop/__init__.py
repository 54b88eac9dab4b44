"""Review of chest radiographs with an honest look inside the network."""

__version__ = "0.1.0"
