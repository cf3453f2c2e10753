"""Where state rests: Postgres and Valkey, embedded or by address, their tables and their migrations."""
