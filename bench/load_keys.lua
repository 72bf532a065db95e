-- As load.lua, with a key of its own in each request: URL -- METHOD BODY [HEADER]. Another header than
-- Idempotency-Key shows what the same requests cost without a key.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "load.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local init_load = init
local header, prefix, sent
function init(args)
  init_load(args)
  header = args[3] or "Idempotency-Key"
  prefix = os.time() .. "-" .. number .. "-"
  sent = 0
end

function request()
  sent = sent + 1
  wrk.headers[header] = prefix .. sent
  return wrk.format()
end
