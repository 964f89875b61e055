"""Health check for programs without a web door, inside their container.

`python -m stack.connected PORT` ends with 0 when a connection to that port (the broker's, the database's) stands.
"""

import sys

from stack.ports import has_connection_to

if __name__ == "__main__":
    sys.exit(0 if has_connection_to(int(sys.argv[1])) else 1)
