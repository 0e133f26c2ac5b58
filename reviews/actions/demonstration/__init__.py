"""Demonstration data: fictional people, companies and proposals in every state, told by actions.

Dates are relative to the day of seeding. Texts and figures stand in `data/`; companies, people and
register numbers are invented. `load` writes synthetic rows for measurements.
"""
