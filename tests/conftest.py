"""What every test starts from: no settings of the developer's own, and real services on request."""

import pytest
from hypothesis import settings

from tests.services import (
    broker,
    client_id,
    data_folder,
    database,
    describe,
    empty_database,
    forget_environment,
    migrated_template,
    mqtt_prefix,
    parametrise,
    postgres_server,
    service_folder,
    shared_data,
)

__all__ = [
    "broker",
    "client_id",
    "database",
    "empty_database",
    "migrated_template",
    "mqtt_prefix",
    "postgres_server",
    "service_folder",
    "shared_data",
]

forget_environment()
settings.register_profile("patient", deadline=None)  # a busy machine is no fault of the program
settings.load_profile("patient")


def pytest_report_header() -> list[str]:
    """Which servers this run is against."""
    return [
        *describe(),
        f"shared data: {data_folder()} ({'there' if data_folder().is_dir() else 'not there'})",
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once per server and broker."""
    parametrise(metafunc)
