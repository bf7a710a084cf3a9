"""How does a child learn of its owner's death? A step between fork and program, run by its path, alone.

``python -I -S leash.py SIGNAL PARENT_PID NAMESPACE PROGRAM [ARGUMENT ...]`` asks the kernel for
SIGNAL at the death of the parent, then becomes PROGRAM. It imports nothing of Candlecast.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

NAMESPACE_REFUSED_CODE = 97
ORPHANED_CODE = 98
NOT_STARTED_CODE = 127

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """Tie this process to its parent and become the program.

    Parameters
    ----------
    arguments : sequence of str
        Signal number, parent's process id, "1" for a new user namespace else "0", then the
        program with its arguments.
    """
    on_parent_death, parent, namespace = (int(value) for value in arguments[:3])
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
        os.execvp(arguments[3], arguments[3:])
    except OSError as error:
        sys.stderr.write(f"{arguments[3]}: {error.strerror}\n")
        sys.exit(NOT_STARTED_CODE)


if __name__ == "__main__":
    main(sys.argv[1:])
