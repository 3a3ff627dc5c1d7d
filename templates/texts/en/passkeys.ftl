## Passkeys: as a way in, as a second factor, and in “My account”.

passkey-sign-in = Sign in with a passkey
passkey-use = Use my passkey
passkey-use-other = Use a passkey of that account
passkey-make = Create the passkey
passkey-name = Name of the passkey
passkey-name-hint = To tell it from others, for example “My phone”
passkey-name-wrong = Give the passkey a name of 40 signs at most
passkey-cancelled = Nothing was done: the request was cancelled, or this device has no passkey that fits. You can try again.
passkey-known = This device has a passkey of this account already.
passkey-failed = The device could not answer. You can try again.
passkey-refused = This passkey opens no account here, or the request took more than five minutes. Try again, or come in another way
passkey-not-made = The passkey was not added: it was added before, or the request took more than five minutes. Try again
passkey-full = Your account has all the passkeys that it can have. Remove one first
passkey-second-lead = Your phone or your computer recognises you, by your finger, your face or its code.
passkey-second-missing = Your account asks for a passkey after the password, and this browser cannot use one. Try with another device, or use a recovery code.
passkey-enrolment-lead = The simplest and the safest: your computer or your phone recognises you, by your finger, your face or its code. The passkey will then be enough to come in, without a password.

passkeys-title = Passkeys
passkeys-lead = With a passkey you come in without identifier or password: your phone or your computer recognises you, by your finger, your face or its code.
passkeys-since = Added on { $at }
passkeys-used = Last used on { $at }
passkeys-unused = Not used yet
passkeys-remove = Remove
passkeys-add = Add a passkey
passkeys-add-other = Add another passkey
passkeys-add-hint = On a device of your own, not on a computer that others use.
passkeys-full = Your account has { $most } passkeys already, and can have no more.
passkeys-without = This browser cannot add a passkey. Try with another browser or another device, without blocking JavaScript there.
passkeys-password-title = Your password
passkeys-password-text = It is still enough to come in, unless you chose two-step verification.

passkey-removal-title = Remove “{ $name }”
passkey-removal-lead = This passkey will no longer open your account. The other sign-ins of your account will be closed.
passkey-removal-last = It is the last one: no passkey will be asked for after your password any more.
passkey-removal-device = It also stays on the device, where you can delete it in the settings for passwords.
passkey-removal-last-factor = Your account must keep two-step verification, and it has only this passkey. Add another passkey first, or an authenticator application.
passkey-removal-last-way-in = This passkey is the only way into your account. Add another passkey first, or choose a password.
passkey-removal-submit = Remove the passkey

factor-passkeys-asked = A passkey is asked for after your password
factor-passkeys-none = No passkey. A passkey can be asked for after your password, in the place of a code.
factor-passkeys-not-asked = Your passkeys open your account, but your password is enough too.
factor-passkeys-beside = In the place of the application’s code you can use a passkey.
factor-passkeys-ask = Ask for a passkey after the password too
factor-passkeys-stop = Ask for no passkey any more
factor-none-needed = No application.

account-passkeys = { $count ->
    [0] None. With a passkey there is no password to remember.
    [one] { $count } passkey
   *[other] { $count } passkeys
}
account-passkeys-manage = Manage passkeys
account-done-passkey-added-title = The passkey is added
account-done-passkey-added = Next time, choose “Sign in with a passkey”.
account-done-passkey-removed = The passkey is removed. The other sign-ins of your account are closed.
account-done-application-removed = The application is removed; your passkeys are still asked for. The other sign-ins of your account are closed.

grouping-passkey-lead = The account { $identifier } asks for a second verification. Use one of its passkeys.
grouping-recovery-lead = Type a recovery code of the account { $identifier }. Without passkey or code, your school can group the accounts for you.
