"""Carries a plan out: one loop owns counts, signals and cancellation."""
