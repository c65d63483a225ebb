"""A library for accounts (cpanel-api), unmodified: makes, lists, renames and revokes tokens.

Arguments: host, port, "tls" or "plain", user name. The password is in the variable CLIENT_PASSWORD.
"""

import os
import sys

from cpanel_api import CPanelApi, Unauthorized

host, port, encryption, user = sys.argv[1:]
connection = {"port": int(port), "ssl": encryption == "tls"}
name = f"program-{port}"

by_password = CPanelApi(host, user, os.environ["CLIENT_PASSWORD"], **connection)
made = by_password.uapi.Tokens.create_full_access(name=name)
assert made.status == 1 and made.errors is None, made

by_token = CPanelApi(host, user, made.data.token, auth_type="utoken", **connection)
reader = by_token.uapi.Tokens.create_full_access(name=f"{name}-reader", readonly=1, expires_at=4_000_000_000)
assert reader.status == 1, reader

tokens = {token.name: token for token in by_token.uapi.Tokens.list().data}
assert tokens[name].has_full_access == 1 and tokens[name].expires_at is None, tokens
assert tokens[f"{name}-reader"].readonly == 1, tokens
assert tokens[f"{name}-reader"].expires_at == 4_000_000_000, tokens

again = by_token.uapi.Tokens.create_full_access(name=name)
assert again.status == 0 and "has this name" in again.errors[0], again

renamed = by_token.uapi.Tokens.rename(name=f"{name}-reader", new_name=f"{name}-renamed")
assert renamed.status == 1, renamed
page = by_token.uapi.Tokens.list(
    {"api.filter_column_0": "name", "api.filter_type_0": "ends", "api.filter_term_0": "-renamed"}
)
assert [token.name for token in page.data] == [f"{name}-renamed"], page
assert page.metadata.filter.records_before_filter >= 2, page

old = by_token.cpanel2.Tokens.list()
assert old.cpanelresult.event.result == 1, old
assert f"{name}-renamed" in [token.name for token in old.cpanelresult.data], old
missing = by_token.cpanel2.Email.listpops()
assert "Could not find function" in missing.cpanelresult.error, missing

for gone in (f"{name}-renamed", name):
    assert by_token.uapi.Tokens.revoke(name=gone).data == 1, gone
try:
    by_token.uapi.Tokens.list()
except Unauthorized:
    print("ok")
else:
    raise AssertionError("a revoked token lists tokens")
