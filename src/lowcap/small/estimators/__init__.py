"""Small networks and the search for the smallest one, as scikit-learn's users know estimators."""
