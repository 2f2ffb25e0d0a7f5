/**
 * What the Redis backplane does on the server, in Lua: each script is one step that nobody comes between.
 * KEYS are the store's three: a hash with its `epoch`, its `newest` position and the `run` of the server;
 * the stream of events, whose ids are `<position>-0`, `e` an event and `c` its channel; and a sorted set
 * of `<channel>\0<position>`, which finds a channel's events in the stream.
 */

const PLACE = `local function place(position) return string.format('%016.0f', position) end\n`

/**
 * Finds the store or begins one. ARGV: the server's run, whether its store outlives that (1 or 0), an
 * epoch if one is needed, the epoch and newest position that are known, seconds until all is forgotten.
 */
export const BEGIN = `
local known = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'newest')
local epoch = known[1]
if epoch and known[2] ~= ARGV[1] and ARGV[2] == '0' then epoch = false end
if epoch and epoch == ARGV[4] and tonumber(known[3]) < tonumber(ARGV[5]) then epoch = false end
if not epoch then
  epoch = ARGV[3]
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'newest', 0)
end
redis.call('HSET', KEYS[1], 'run', ARGV[1])
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[6]) end
return epoch
`

/**
 * Takes a batch: 1, or 0 where the store is another one. ARGV: epoch, events to retain, the command that
 * publishes, the channel or what channels begin with, the number of events, these, and with routing by
 * channel the channel of each. What is pushed: epoch, position of the batch, events.
 */
export const PUBLISH = `${PLACE}
local epoch, retain, publish, channel = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if redis.call('HGET', KEYS[1], 'epoch') ~= epoch then return 0 end
local count = tonumber(ARGV[5])
local first = redis.call('HINCRBY', KEYS[1], 'newest', count) - count + 1
local head = epoch .. place(first)
local isNew = redis.call('EXISTS', KEYS[2]) == 0
if #ARGV == 5 + count then
  for i = 1, count do
    redis.call('XADD', KEYS[2], string.format('%.0f-0', first + i - 1), 'e', ARGV[5 + i])
  end
  redis.call('XTRIM', KEYS[2], 'MAXLEN', '~', retain)
  redis.call(publish, channel, head .. table.concat(ARGV, '', 6, 5 + count))
else
  local groups, order = {}, {}
  for i = 1, count do
    local event, name = ARGV[5 + i], ARGV[5 + count + i]
    redis.call('XADD', KEYS[2], string.format('%.0f-0', first + i - 1), 'e', event, 'c', name)
    redis.call('ZADD', KEYS[3], 0, name .. '\\0' .. place(first + i - 1))
    if not groups[name] then
      groups[name] = {head}
      order[#order + 1] = name
    end
    table.insert(groups[name], event)
  end
  local over = redis.call('XLEN', KEYS[2]) - retain
  if over > 0 then
    for _, old in ipairs(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', over)) do
      local position = tonumber(string.match(old[1], '^%d+'))
      redis.call('ZREM', KEYS[3], old[2][4] .. '\\0' .. place(position))
    end
    redis.call('XTRIM', KEYS[2], 'MAXLEN', retain)
  end
  for _, name in ipairs(order) do redis.call(publish, channel .. name, table.concat(groups[name])) end
end
if isNew then
  local ttl = redis.call('TTL', KEYS[1])
  redis.call('EXPIRE', KEYS[2], ttl)
  redis.call('EXPIRE', KEYS[3], ttl)
end
return 1
`

/**
 * What is there: epoch, newest position, id of the oldest event retained or nothing, and events after a
 * position, id and fields of each. ARGV: the position, the most events, a channel or none.
 */
export const REPLAY = `${PLACE}
local after, count, channel = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local known = redis.call('HMGET', KEYS[1], 'epoch', 'newest')
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
local events = {}
if channel then
  local from, to = '(' .. channel .. '\\0' .. place(after), '(' .. channel .. '\\1'
  for _, found in ipairs(redis.call('ZRANGEBYLEX', KEYS[3], from, to, 'LIMIT', 0, count)) do
    local id = string.format('%.0f-0', tonumber(string.sub(found, -16)))
    local event = redis.call('XRANGE', KEYS[2], id, id)[1]
    if event then events[#events + 1] = event end
  end
elseif count > 0 then
  events = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', after + 1), '+', 'COUNT', count)
end
return {known[1] or '', known[2] or '0', oldest[1] and oldest[1][1] or '', events}
`

/** Removes the store when no member is left. ARGV: which of PUBSUB's counts, and the members' channel. */
export const LEAVE = `
if redis.call('PUBSUB', ARGV[1], ARGV[2])[2] == 0 then
  return redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
end
return 0
`
