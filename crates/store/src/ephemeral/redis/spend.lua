-- KEYS: entry. ARGV: now, end of the mark, milliseconds until it.
-- Gives how often it has been spent (0: there is none) and the value.
local entry = redis.call('HMGET', KEYS[1], 'v', 'e')
if not entry[2] or tonumber(entry[2]) <= tonumber(ARGV[1]) then
    return { 0, false }
end
local times = redis.call('HINCRBY', KEYS[1], 's', 1)
if times == 1 then
    redis.call('HSET', KEYS[1], 'e', ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return { times, entry[1] }
