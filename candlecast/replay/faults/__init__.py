"""What can go wrong at a venue? Scripted faults of the replay server, the same ones for the same seed.

A script is a JSON list of faults, or ``{"seed": 7, "faults": [...]}``. A fault is an object with ``kind``
and, if wanted, ``venue`` (default ``*``: all), ``start_s`` and ``length_s`` (wall seconds since the script was
loaded, default 0 and 10), ``symbols`` (default all) and the kind's own parameters. It is loaded by
``python -m candlecast.replay --faults FILE`` or ``POST /faults``, told by ``GET /faults`` and forgotten at
``DELETE /faults``. `candlecast.replay.faults.kinds` lists kinds and parameters; docs/replay.md explains them.

Whatever the script, a client that keeps asking ends with the recorded candles; those of an ``outage`` excepted.
"""
