-- KEYS: counter. ARGV: now.
local counter = redis.call('HMGET', KEYS[1], 'f', 'e')
if not counter[2] or tonumber(counter[2]) <= tonumber(ARGV[1]) then
    return 0
end
if tonumber(counter[1]) > 0 then
    redis.call('HINCRBY', KEYS[1], 'f', -1)
end
return 1
