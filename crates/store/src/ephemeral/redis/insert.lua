-- KEYS: entry. ARGV: now, value, end, milliseconds until the end.
local expires_at = redis.call('HGET', KEYS[1], 'e')
if expires_at and tonumber(expires_at) > tonumber(ARGV[1]) then
    return 0
end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'n', 1, 's', 0, 'e', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
