"""The fragments: broker, database, language, and secrets that may come from files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "HERDLIEN_"


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it and the fix."""


class _FileSecrets(PydanticBaseSettingsSource):
    """Reads HERDLIEN_X_FILE for field x, so that secrets need not stand in the environment."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text().strip(), field_name, False
        except OSError as error:
            raise SettingsError(f"{PREFIX}{field_name.upper()}_FILE: cannot read {path} ({error.strerror})") from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self._fields()}
        return {name: value for name, value in values.items() if value is not None}

    def _fields(self) -> list[tuple[str, Any]]:
        return list(self.settings_cls.model_fields.items())


class Fragment(BaseSettings):
    """Reads HERDLIEN_* from the environment and HERDLIEN_*_FILE from files."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSecrets(settings_cls)


class BrokerSettings(Fragment):
    """Where the MQTT broker is."""

    broker_host: str = Field(default="127.0.0.1", title="Broker host", description="Host name of the MQTT broker.")
    broker_port: int = Field(
        default=1883, title="Broker port", description="TCP port of the MQTT broker.", ge=1, le=65535
    )
    broker_user: str | None = Field(
        default=None, title="Broker user", description="User name, when the broker asks for one."
    )
    broker_password: SecretStr | None = Field(
        default=None, title="Broker password", description="Password, when the broker asks for one."
    )


class DatabaseSettings(Fragment):
    """Where the database is."""

    database_url: SecretStr = Field(
        default=SecretStr("postgresql://herdlien@127.0.0.1:5432/herdlien"),
        title="Database",
        description="libpq connection string of the PostgreSQL or TimescaleDB database.",
    )
