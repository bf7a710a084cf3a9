"""What is backed up, and where is it restored to?"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """One database and the files that belong to it.

    Parameters
    ----------
    owner_url : str
        ``postgresql://`` address as a role that owns the tables; to restore it may also make databases.
    app_url : str
        Address as the application, which is given its rights again.
    models : Path
        Folder of trained artefacts.
    world : str
        Which data set it is: ``live``, or the name of a recording.
    replay_state : Path or None
        Where a recording's position is kept; None: there is none, or somebody else keeps it.
    """

    owner_url: str
    app_url: str
    models: Path
    world: str
    replay_state: Path | None = None
