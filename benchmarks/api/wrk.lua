-- Sends the requests of a file in turn, each line METHOD<tab>path<tab>body; every thread begins at another place.
local threads, requests, at = 0, {}, 0

function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, body = line:match("^(%u+)\t([^\t]*)\t?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  at = place * 997
end

function request()
  at = at + 1
  return requests[at % #requests + 1]
end

function done(summary, latency)
  local faults = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format(
    '{"requests": %d, "seconds": %.6f, "bytes": %d, "faults": %d, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f}',
    summary.requests, summary.duration / 1e6, summary.bytes, faults,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
