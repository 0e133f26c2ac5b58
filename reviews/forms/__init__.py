"""Forms of LuxDev's side."""
