"""What every test starts from: no settings of the developer's own, and real services on request."""

import pytest
from hypothesis import settings

from tests.services import (
    broker,
    brokers,
    client_id,
    data_folder,
    database,
    describe,
    empty_database,
    forget_environment,
    mqtt_prefix,
    parametrise,
    postgres_server,
    servers,
    service_folder,
    shared_data,
)

__all__ = [
    "broker",
    "brokers",
    "client_id",
    "database",
    "empty_database",
    "mqtt_prefix",
    "postgres_server",
    "servers",
    "service_folder",
    "shared_data",
]

forget_environment()
# No deadline: a busy machine is no fault of the program. The suite plays the same examples every time, so that what
# turns red is what was changed; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("suite")


def pytest_report_header() -> list[str]:
    """Which servers this run is against."""
    return [
        *describe(),
        f"shared data: {data_folder()} ({'there' if data_folder().is_dir() else 'not there'})",
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once per server and broker."""
    parametrise(metafunc)
