#!/bin/sh
# Makes a token, asks with it what it may do, gives it a new secret, and revokes it.
#
#   LATCHKEY_URL=https://panel.example HOSTING_API_TOKEN=lk_... sh token.sh
#
# HOSTING_API_TOKEN may manage tokens and do what the new one is to do: the scopes tokens:manage and backups:create.
# It needs curl and nothing else that is not on every system.
set -eu

: "${LATCHKEY_URL:?set it to the address of the panel, such as https://panel.example}"
: "${HOSTING_API_TOKEN:?set it to a token that may manage tokens}"

headers=$(mktemp)
made=""

fail() { # what could not be done, and what was answered
  printf 'Could not %s: %s\n' "$1" "$2" >&2
  exit 1
}

# The token goes in by standard input: what stands in the command line, other people on the machine can read.
call() { # token, method, path, further options of curl
  token=$1 method=$2 path=$3
  shift 3
  printf 'Authorization: Bearer %s\n' "$token" |
    curl --silent --show-error --fail-with-body --dump-header "$headers" --request "$method" --header @- \
      "$@" "$LATCHKEY_URL$path" 2>&1
}

secret_in() { # an answer
  printf '%s' "$1" | sed -n 's/.*"secret":"\(lk_[0-9A-Za-z_]*\)".*/\1/p'
}

# What was made is not left behind, whatever goes wrong.
clean_up() {
  status=$?
  trap - EXIT
  [ -z "$made" ] || call "$HOSTING_API_TOKEN" DELETE "/api/v1/tokens/$made" >/dev/null || true
  rm -f "$headers"
  exit "$status"
}
trap clean_up EXIT

# The same key with the same body never makes a second token, so that a lost answer can be asked for again.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
answer=$(call "$HOSTING_API_TOKEN" POST /api/v1/tokens \
  --header "Content-Type: application/json" --header "Idempotency-Key: $key" --data "{
    \"name\": \"Example $key\",
    \"scopes\": [\"backups:create\"],
    \"sites\": \"all\",
    \"addresses\": \"any\",
    \"expires\": {\"days\": 1}
  }") || fail "make a token" "$answer"
secret=$(secret_in "$answer")
# A token begins with lk_, its public id and another underscore.
made=${secret#lk_}
made=${made%%_*}
revision=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' "$headers" | tr -d '\r')
echo "Made token $made."

answer=$(call "$secret" GET /api/v1/token) || fail "use it" "$answer"
echo "It says: $answer"

answer=$(call "$HOSTING_API_TOKEN" POST "/api/v1/tokens/$made/rotate" \
  --header "Content-Type: application/json" --header "If-Match: $revision" --data '{"overlap": "none"}') ||
  fail "give it a new secret" "$answer"
answer=$(call "$(secret_in "$answer")" GET /api/v1/token) || fail "use its new secret" "$answer"
echo "It has a new secret, and works with that."

answer=$(call "$HOSTING_API_TOKEN" DELETE "/api/v1/tokens/$made") || fail "revoke it" "$answer"
made=""
echo "It is revoked."
