"""Case packs for readers on machines without a network, and the way of their readings home."""
