"""The rules: pure functions over frozen dataclasses. No clock, file, database or web.

`inputs`     what the rules look at: the facility profile and the vocabulary of the domain
`evidence`   citations and explained statements
`facts`      dated facts and how they are read on a day
`rulebook`   the decision tables, steps and warnings, as data
`outcomes`   what the rules answer
`decide`     the one function that joins them
"""
