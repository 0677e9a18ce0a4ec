"""Planted schemes and their honest look-alikes: few rows, made one by one beside the population."""
