"""Conditions as SQL: one emitter for each operator and dialect, exact or not at all.

Everything here needs sqlglot, which costs start-up time: other packages import it where they use it.
"""
