-- KEYS: entry or counter. ARGV: now. Gives the value, of a counter the empty text.
local entry = redis.call('HMGET', KEYS[1], 'v', 'e')
redis.call('DEL', KEYS[1])
if not entry[2] or tonumber(entry[2]) <= tonumber(ARGV[1]) then
    return false
end
return entry[1] or ''
