-- As load.lua, each task with a unique key of its own: URL.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "load.lua")

local prefix, sent = tostring(os.time()) .. "-", 0
function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, '{"kind": "noop", "unique": {"key": "' .. prefix .. sent .. '"}}')
end
