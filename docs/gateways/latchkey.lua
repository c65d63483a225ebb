-- Asks Latchkey about a request, for haproxy.cfg in this folder:
--
--   lua-load-per-thread /etc/haproxy/latchkey.lua
--   http-request lua.latchkey /authz/forward
--
-- A request that may pass comes out with the variable txn.latchkey set to "allowed"; every other one is answered here.

-- The proxy of that file by which Latchkey is reached: it keeps connections, and has the limits of time.
local PANEL = "abns@latchkey"

-- What the service behind the gateway is told.
local IDENTITY = { "remote-user", "x-token-id", "x-token-name", "x-token-scopes", "x-token-resources" }

-- What the client is told besides the status and the body.
local PASSED_ON = { "content-type", "www-authenticate", "retry-after", "cache-control", "x-content-type-options" }

-- The answers of Latchkey that are refusals. Whatever else comes is no answer.
local REFUSALS = { [400] = true, [401] = true, [403] = true, [429] = true }

-- The lines of a header as a list that begins at 1.
local function lines(headers, name)
  local found, index = {}, 0
  local values = headers and headers[name]
  while values and values[index] do
    found[#found + 1] = values[index]
    index = index + 1
  end
  return found
end

local function refuse(txn, status, headers, body)
  local reply = txn:reply({ status = status })
  for _, header in ipairs(headers) do
    reply:add_header(header[1], header[2])
  end
  reply:set_body(body)
  txn:done(reply)
end

local function cannot_tell(txn)
  local headers = { { "content-type", "application/problem+json" }, { "retry-after", "5" }, { "cache-control", "no-store" } }
  refuse(txn, 503, headers, '{"title":"The token cannot be checked right now","status":503}')
end

core.register_action("latchkey", { "http-req" }, function(txn, endpoint)
  local sent = txn.http:req_get_headers()
  local asked, answer = pcall(function()
    return core.httpclient():get({
      url = "http://latchkey" .. endpoint,
      dst = PANEL,
      headers = {
        ["authorization"] = lines(sent, "authorization"),
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:url() },
        ["x-forwarded-host"] = lines(sent, "host"),
        ["x-forwarded-for"] = { txn.sf:src() },
      },
    })
  end)
  if not asked or not answer then
    return cannot_tell(txn)
  end
  if REFUSALS[answer.status] then
    local headers = {}
    for _, name in ipairs(PASSED_ON) do
      for _, value in ipairs(lines(answer.headers, name)) do
        headers[#headers + 1] = { name, value }
      end
    end
    return refuse(txn, answer.status, headers, answer.body)
  end
  -- Latchkey says with every yes whose token it is; somebody else at its address would not.
  if answer.status ~= 200 or #lines(answer.headers, "x-token-id") ~= 1 then
    return cannot_tell(txn)
  end
  for _, name in ipairs(IDENTITY) do
    txn.http:req_del_header(name)
    for _, value in ipairs(lines(answer.headers, name)) do
      txn.http:req_add_header(name, value)
    end
  end
  txn:set_var("txn.latchkey", "allowed")
end, 1)
