"""The rules: pure functions over frozen dataclasses. No clock, file, database or web.

`inputs`       what the rules look at: the facility profile and the vocabulary of the domain
`events`       what happens to a facility
`folding`      where its events leave it: its profile on a day
`transitions`  who may record which event, and what must hold first
`evidence`     citations and explained statements
`facts`        dated facts and how they are read on a day
`rulebook`     the decision tables, steps and warnings, as data
`match_rows`   the rows of the tables that match a profile
`outcomes`     what the rules answer
`decide`       the one function that joins them
"""
