"""Content files to a checked, frozen Library.

`records`     one frozen record type per kind of content
`kinds`       the registry of kinds: where each lies and what its records are
`reading`     YAML and front matter with the line of every value, guessing nothing
`po_files`    gettext catalogues, read likewise
`files`       which file holds which kind; every file under the folder is accounted for
`shaping`     the short forms editors write, spelled out
`schema`      strict validation into the record types, told in plain words
`conditions`  conditions and decision tables: known inputs, no gap, no overlap
`references`  what the records say of each other: ids, layers, dates, texts
`checking`    all of these joined: every problem at once
`library`     canonical records, their hash, and the Library made from them
`golden`      cases that must come out as written before anything is published
`diff`        what would change
"""
