## What an account leaves behind: sessions, services, history, data, language.

footprint-title = My privacy and my security
footprint-back = Back to my account

footprint-sessions-title = My sessions and my devices
footprint-sessions-lead = This is where your account is signed in at this moment.
footprint-sessions-device = { $browser } on { $system }
footprint-sessions-unknown = Unknown device
footprint-sessions-this = This device
footprint-sessions-began = Signed in on { $at }
footprint-sessions-seen = Last seen on { $at }
footprint-sessions-network = From the network { $network }
footprint-sessions-end = End this session
footprint-sessions-end-others = End all other sessions

footprint-services-title = The services that I use
footprint-services-lead = These services know you by this account. This is what each can read.
footprint-services-gives = This service can read:
footprint-services-long = Can read this again even when you are signed out
footprint-services-now = Signed in at this moment
footprint-services-withdraw = Withdraw access
footprint-services-withdraw-from = Withdraw access from { $service }
footprint-services-asks = This service will have to ask you again.
footprint-services-first-party = This service of your school can read this again when you next sign in to it.
footprint-services-none = No service has access at this moment.

footprint-history-title = The history of my account
footprint-history-lead = What happened in the last year, the newest first (300 lines at most).
footprint-history-network = from the network { $network }
footprint-history-other = by the school or by the service
footprint-history-none = Nothing so far.
footprint-history-doubt = Something you do not recognise?
footprint-history-doubt-text = Change your password: everybody else will be signed out. Then talk to your school.

footprint-data-link = Download my data (JSON file)

footprint-language-title = Language of messages
footprint-language-submit = Choose this language

history-account-created = The account was made
history-account-updated = The school updated the account
history-signed-in = Sign-in
history-signed-out = Sign-out
history-sign-in-slowed = Several tries to sign in failed
history-upstream-refused = A sign-in through another identity provider was refused
history-upstream-matched = Another provider recognised you, to activate this account
history-upstream-bound = From now on this account also opens through another identity provider
history-upstream-unbound = This account no longer opens through that other identity provider
history-upstream-changed = The identity given by another provider changed
history-link-added = A link between a pupil and their guardian was added
history-link-ended = A link between a pupil and their guardian ended
history-consent-given = A service was allowed access
history-consent-withdrawn = A service's access was withdrawn
history-grant-revoked = A service's access ended
history-account-activated = The account was activated
history-provisional-ended = The provisional password ended
history-birth-date-refused = A birth date was refused at activation
history-password-changed = The password was changed
history-password-recovered = A new password was chosen after it was lost
history-recovery-sent = A message was sent to find the identifier or password again
history-contact-proposed = Another address or number was given
history-contact-confirmed = An address or number was confirmed
history-contact-cancelled = A change of address or number was cancelled
history-change-disavowed = A change was cancelled with “It was not me”
history-sessions-ended = Other sessions were ended
history-link-reported = A link to a pupil was reported
history-link-report-kept = The report of a link was upheld
history-link-restored = A reported link was restored
history-accounts-grouped = Accounts were grouped
history-data-exported = The account's data was downloaded
history-language-changed = The language of messages was changed
history-appointment-made = You were given a role in the console
history-appointment-ended = A role of yours in the console ended
history-second-factor-added = Two-step verification was set up
history-second-factor-removed = Two-step verification was removed
history-recovery-codes-made = New recovery codes were made
history-recovery-code-used = A recovery code was used to sign in
history-second-factor-slowed = The password was typed, and then several wrong verification codes
history-invitation-made = A link to set up access to the account was given
history-invitation-used = The link to set up access to the account was used
history-passkey-added = A passkey was added
history-passkey-removed = A passkey was removed
