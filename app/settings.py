"""Settings, read once from the environment (`KITH_…`) or the command line, and passed on."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where data lies, which graph store is used, and how the service listens."""

    model_config = SettingsConfigDict(env_prefix="KITH_", frozen=True, extra="ignore")

    data: Path = Field(Path("kith-data"), description="Folder of the ledger, segments and keys.")
    neo4j_url: str | None = Field(None, description="bolt:// or neo4j:// URL; unset = the embedded graph.")
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr = SecretStr("")
    bloom_url: str | None = Field(
        None, description="bolt:// URL of the analysts' graph, a server of its own."
    )
    bloom_user: str = "neo4j"
    bloom_password: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: int = 8765
    findings_per_week: int = Field(40, ge=1, description="New findings put forward a week; the others wait.")
    max_body: int = Field(1_000_000, description="Largest request body in bytes.")
    max_batch: int = Field(5_000_000, description="Largest NDJSON batch in bytes.")
