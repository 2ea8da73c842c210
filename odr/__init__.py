"""ODR: an hour of mediation that can be trusted. This docstring is the map; imports go down only.

wsgi.py                        cli · cli_people · cli_db · cli_run
   │                              │
web/            everything that speaks HTTP: login party mediator clerk court admin public, sockets
   │
bootstrap       Settings → gateways (sms, cards, media, authority, store): one frozen dataclass
   │
archive/ statistics/ simulation/    the case goes to the court · counts · robots that live the hour
mediation/      script · signaling · service · media/ (its own process, knows no database)
settlement/     terms · linter · document · signing · verification · performance
cases/          filing · roster · schedule · access (the one door to a case)
identity/       persons, codes, numbers, tokens, rights
audit  jobs  recordings/  law/      facts for the court · queue · films and their chain · law as data
db              the only place that commits
chain  clock  errors  settings  sentences
"""

__version__ = "0.1.0"
