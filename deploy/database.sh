#!/bin/sh
# Makes the role of the servers and its database, once, when PostgreSQL's image has an empty volume.
# The role is no superuser: for one, nothing would be append-only.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/kb-password)" -U "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE kb LOGIN PASSWORD :'password';
CREATE DATABASE kb OWNER kb;
SQL
