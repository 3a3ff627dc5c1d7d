-- KEYS: entry. ARGV: now, version, value, end, milliseconds until the end.
local entry = redis.call('HMGET', KEYS[1], 'n', 's', 'e')
if not entry[3] or tonumber(entry[3]) <= tonumber(ARGV[1]) then
    return 0
end
if entry[1] ~= ARGV[2] or entry[2] ~= '0' then
    return 0
end
redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('HSET', KEYS[1], 'v', ARGV[3], 'e', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
