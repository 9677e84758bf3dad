"""The house's own rooms, each tested beside the others."""
