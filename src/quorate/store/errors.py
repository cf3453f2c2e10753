"""What can go wrong between the desk and its servers, each with a code and a sentence that says what to do."""

from quorate.domain.errors import BadInput, Unavailable


class DatabaseUnreachable(Unavailable):
    """Nothing answers at the address of the database."""

    code = "database_unreachable"


class DatabaseRefused(Unavailable):
    """The database server answered and would not let us in: user, password, or a missing database."""

    code = "database_refused"


class SchemaNewer(Unavailable):
    """The database was migrated by a newer release than this one."""

    code = "schema_newer"


class RedisUnreachable(Unavailable):
    """Nothing answers at the address of Redis."""

    code = "redis_unreachable"


class RedisRefused(Unavailable):
    """The Redis server answered and would not let us in."""

    code = "redis_refused"


class AddressMalformed(BadInput):
    """A DATABASE_URL or REDIS_URL that cannot be an address."""

    code = "address_malformed"


class ServerMissing(Unavailable):
    """This platform has no wheel with an embedded server."""

    code = "embedded_server_missing"


class ServerFailed(Unavailable):
    """An embedded server did not start."""

    code = "embedded_server_failed"


class DiskFull(Unavailable):
    """There is no room left for the desk's data."""

    code = "disk_full"


class DataDirUnusable(Unavailable):
    """The data directory cannot be written to."""

    code = "data_dir_unusable"
