"""How services of one environment are kept apart from others and reach each other."""
