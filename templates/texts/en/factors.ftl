## Two-step verification: at the sign-in and in “My account”.

factor-title = Two-step verification
factor-continue = Continue
factor-back-to-sign-in = Back to the sign-in
factor-lead = After your password, a passkey or a code of your telephone is asked for at each sign-in. Whoever guesses or steals your password does not get in.

factor-code = Verification code
factor-code-title = Verification code
factor-code-lead = Open your authenticator application and type the code that it shows.
factor-code-hint = Six digits, which change every 30 seconds
factor-code-malformed = Type the six digits of the code
factor-code-wrong = This is not the right code, or it was used. Wait for the next one and type it
factor-code-lost-title = You do not have your device?
factor-code-lost-text = A recovery code takes the place of this step, once.
factor-use-recovery = Use a recovery code

factor-recovery = Recovery code
factor-recovery-title = Recovery code
factor-recovery-lead = Type one of the codes that you kept when you chose two-step verification. It will not work again.
factor-recovery-hint = Twelve digits and letters, for example 4f7k-2m9q-x3tb
factor-recovery-malformed = Type the twelve digits and letters of the code
factor-recovery-wrong = This is none of your recovery codes, or it was used. Check it, or type another
factor-back-to-code = Back to the step before
factor-recovery-none-title = You have no code left?
factor-recovery-none-text = Your school can check who you are and have two-step verification removed. If you work there, ask the administrator of the service.

factor-enrolment-title = Set up two-step verification
factor-enrolment-lead = You need a telephone or a computer with an authenticator application.
factor-enrolment-lead-staff = Your account opens the data of other people: the password alone is not enough.
factor-enrolment-by-passkey = With a passkey
factor-enrolment-by-application = With an authenticator application
factor-enrolment-install = Install an authenticator application if you have none. Many password managers are one.
factor-enrolment-scan = In the application, add an account and aim at this image.
factor-enrolment-qr = QR code to aim at with the application; the key can also be typed by hand, below
factor-enrolment-by-hand = You cannot aim at the image?
factor-enrolment-key = Type this key into the application (time based, six digits).
factor-enrolment-open = Open an application of this device
factor-enrolment-type = Type here the code that the application shows.
factor-enrolment-wrong = This is not the code of this key. Check that the time of the device is set automatically, then type the next code

factor-codes = Recovery codes
factor-codes-title = Your recovery codes
factor-codes-lead = Each takes the place of the passkey or of the application’s code once, for example if you lose your telephone. They are shown only now.
factor-codes-keep = Print them or write them down, and keep them in a safe place, not with your password. Codes shown before no longer work.
factor-codes-left = { $count ->
    [0] No code left
    [one] { $count } code left
   *[other] { $count } codes left
}
factor-codes-hint = Each takes the place of the passkey or of the application’s code once.
factor-codes-new = Get new codes
factor-codes-done = I kept my codes

factor-application = Authenticator application
factor-in-force = In use
factor-since = Set up on { $at }.
factor-used = Last code on { $at }.
factor-none = No application. Without passkey or application, your password is enough to enter.
factor-add = Add an application
factor-change = Change the application
factor-remove = Ask for no code any more
factor-not-removable = Your account must keep two-step verification.
factor-added-title = Two-step verification is in use
factor-added = A passkey or a code will be asked for after your password. The other sign-ins of your account are closed.

account-factor-on = A passkey or a code is asked for after the password
account-factor-off = Your password is enough to enter
account-factor-manage = Manage two-step verification
account-done-factor-removed = Nothing will be asked for after your password any more. The other sign-ins of your account are closed.

factor-missing-title = This page asks for two-step verification
factor-missing-text = It opens the data of other people, and your account does not have this verification. Add it in “My account”, then come back.
factor-ended-title = Your two-step verification was removed
factor-ended-text = Your account must have one. Ask the administrator of the service for a link to set it up again.

grouping-factor-lead = The account { $identifier } asks for a code after the password. Type the one that its authenticator application shows.
grouping-factor-hint = Six digits, or a recovery code of that account

invitation-title = Set up your access
invitation-lead = { $person }, your identifier is { $identifier }. Choose your password.
invitation-next-title = Next
invitation-next-text = You will set up two-step verification: keep your telephone at hand.
invitation-over-title = This link no longer works
invitation-over-text = It was used, it is more than a day old, or a newer one has taken its place. Ask the administrator of the service for another.
