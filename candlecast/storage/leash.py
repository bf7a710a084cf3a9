"""How does a child learn of its owner's death? A step between fork and program, run by its path, alone.

``python -I -S leash.py SIGNAL PARENT_PID [--user-namespace] PROGRAM [ARGUMENT ...]`` asks the kernel
for SIGNAL at the death of the parent, then becomes PROGRAM. It imports nothing of Candlecast.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

NAMESPACE_REFUSED_CODE = 97
ORPHANED_CODE = 98
NOT_STARTED_CODE = 127

USER_NAMESPACE = "--user-namespace"

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Tie this process to its parent and become the program.

    Parameters
    ----------
    arguments : sequence of str
        Signal number, parent's process id, then the program with its arguments, preceded by
        `USER_NAMESPACE` when it shall run in a new user namespace.
    """
    on_parent_death, parent = int(arguments[0]), int(arguments[1])
    namespace = arguments[2] == USER_NAMESPACE
    command = list(arguments[3:] if namespace else arguments[2:])
    libc = ctypes.CDLL(None)
    if namespace and libc.unshare(_CLONE_NEWUSER) != 0:
        sys.exit(NAMESPACE_REFUSED_CODE)
    # After the namespace: entering one clears the signal.
    libc.prctl(_PR_SET_PDEATHSIG, on_parent_death, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(ORPHANED_CODE)
    # Python ignores these two, and a program inherits what is ignored.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NOT_STARTED_CODE)


if __name__ == "__main__":
    main(sys.argv[1:])
