-- Passkeys open accounts, and may be asked for after the password.

-- By which a passkey tells whose it is: random, the same in all passkeys of an account. No row
-- was written before this step.
alter table passkey add column user_handle {bytes};

-- Since when the account's passkeys are asked for after the password; an account that has it has
-- a passkey.
alter table second_factor add column passkeys_at {time};
