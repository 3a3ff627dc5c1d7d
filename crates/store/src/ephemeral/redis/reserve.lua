-- KEYS: counter. ARGV: now, end, milliseconds until the end, then the ladder: free,
-- first, doublings, longest. Gives the milliseconds to wait, 0 where
-- it is allowed and counted, and the failures counted.
local now = tonumber(ARGV[1])
local counter = redis.call('HMGET', KEYS[1], 'f', 'l', 'e')
local failures = 0
if counter[3] and tonumber(counter[3]) > now then
    failures = tonumber(counter[1])
    local doublings = failures - tonumber(ARGV[4])
    if doublings >= 0 then
        local wait = tonumber(ARGV[7])
        if doublings < tonumber(ARGV[6]) then
            wait = tonumber(ARGV[5]) * 2 ^ doublings
        end
        local left = tonumber(counter[2]) + wait - now
        if left > 0 then
            return { left, failures }
        end
    end
end
redis.call('HSET', KEYS[1], 'f', failures + 1, 'l', ARGV[1], 'e', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 0, failures + 1 }
