"""A library for resellers (cpanel-client), unmodified: makes, suspends and removes an account.

Arguments: address without a port, port, user name, domain of the new account. The password is in the variable
CLIENT_PASSWORD.
"""

import os
import sys

from cpanel import ServerAPI

address, port, user, domain = sys.argv[1:]
server = ServerAPI(user, os.environ["CLIENT_PASSWORD"], address, int(port))

made = server.create_account(f"owner@{domain}", domain, "standard")
assert made["success"] == 1 and made["message"] == "Account Creation Ok", made
assert made["username"] in made["data"], made

suspended = server.suspend_account(made["username"])
assert suspended["success"] == 1, suspended
twice = server.suspend_account(made["username"])
assert twice["success"] == 0 and twice["message"], twice

removed = server.terminate_account(made["username"])
assert removed["success"] == 1, removed
assert server.terminate_account(made["username"])["success"] == 0
print("ok")
