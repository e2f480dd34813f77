"""The append-only log of a search in SQL; every other view derives from it.

with open_store("search.sqlite", create=True) as store:
    store.add_space(space)
    store.propose([Trial(0, Proposal(space.sample(rng)))])
    token = store.start(0, worker="driver", seconds=60)
    store.finish(trial.complete(measurement, finished=12.5), token)
    [record.kind for record in store.log()]           # ['proposed', 'completed']
"""

from netwright.store.copying import copy, switch
from netwright.store.database import Lost
from netwright.store.folder import FILE, check_free, create_in, holds_search, open_in
from netwright.store.record import Record
from netwright.store.store import Store, open_store

__all__ = [
    "FILE",
    "Lost",
    "Record",
    "Store",
    "check_free",
    "copy",
    "create_in",
    "holds_search",
    "open_in",
    "open_store",
    "switch",
]
