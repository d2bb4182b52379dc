"""Recipes as others publish them, written anew from their settings; none imports `tfmodels`."""
