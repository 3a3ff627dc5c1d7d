## “My account”, tab “My details” (guide, 4.4.1 to 4.4.3).

account-tab-informations = My details
account-tab-children = My children
account-continue = Continue
account-send = Send
account-cancel = Cancel

account-password-title = Change my password
account-password-lead = You will be signed out everywhere else, on all devices.
account-choose-password = Choose a password
account-choose-password-lead = You will also be able to sign in with the username { $identifier } and this password, without FranceConnect. Your other sessions will be closed.
account-upstream-linked = opens your account
account-upstream-not-linked = does not open your account
account-upstream-link = Link { $upstream }
account-upstream-unlink = Stop using { $upstream }
account-upstream-lead = You will be able to sign in with { $upstream }, without username or password. Your name and date of birth there must be those that the school knows.
account-upstream-linked-lead = You will no longer be able to sign in with { $upstream }. Your username and password stay the same.
account-upstream-last = { $upstream } is your only way to sign in. To stop using it, choose a password first in “My information”.
account-password-present = Current password
account-password-wrong = This is not your current password. Check it, then try again

account-email-title = Change my email address
account-email-label = Email
account-email-confirm = Confirm my email
account-email-hint = For example name@example.com
account-email-in-force = Your present address, { $address }, stays in use until the new one is confirmed.
account-email-new = My new email address:
account-email-waiting-hint = We sent a link to it. If it has not arrived, look among unwanted messages, or ask for another one.
account-email-resend = Send the confirmation email again
account-email-other = Give another address
account-email-invalid = Enter a whole address, for example name@example.com
account-email-differs = Enter the same address twice
account-email-unchanged = This is your address already, and it is confirmed. Enter another one, or cancel
account-email-unconfirmed = email not confirmed
account-email-pending = an email address is waiting to be confirmed
account-email-none = No email address

account-recap-title = Change of email address
account-recap-lead = Confirm the change of your email address.
account-recap-old = Old email address
account-recap-new = New email address
account-recap-none = None

account-link-over-title = This link is no longer good
account-link-over = It was used, it is too old, or a newer message took its place. If your address still waits to be confirmed, ask for another confirmation email.
account-link-over-way = See my email address

account-undo-title = Cancel the change of email address?
account-undo-lead = A change of email address was asked for, for the identifier { $identifier }. The address { $address } can cancel it.
account-undo-what = If you cancel, { $address } will be the only address of the account, and everybody will be signed out.
account-undo-submit = Cancel the change
account-undone-title = The change is cancelled
account-undone = { $address } is the address of the account { $identifier } again, and everybody is signed out.
account-undone-next = If somebody else asked for this change, they probably know your password: sign in and change it now.
account-undone-sign-in = Sign in

account-phone-heading = Mobile phone
account-phone-title = Change my mobile number
account-phone-label = Mobile number
account-phone-hint = Outside metropolitan France, begin with the country code, for example +262 for Réunion.
account-phone-in-force = Your present number, { $number }, stays in use until the new one is confirmed.
account-phone-invalid = Enter a whole number, for example 06 12 34 56 78
account-phone-no-sms = Enter a mobile number: this number cannot get our text messages
account-phone-unchanged = This is your number already, and it is confirmed. Enter another one, or cancel
account-phone-unconfirmed = number not confirmed
account-phone-pending = a number is waiting to be confirmed
account-phone-none = No mobile number

account-code-title = Confirm my mobile number
account-code-lead = We sent a text message to { $number }.
account-code-label = Code received by SMS
account-code-hint = Eight digits, valid for 30 minutes
account-code-invalid = Enter the eight digits of the code
account-code-wrong = This is not the right code. Tries left: { $left }
account-code-over = This code is no longer good. Ask for another one with “Send another code”
account-code-trouble = The text message does not arrive?
account-code-trouble-text = It can take a few minutes. A new code replaces the one before.
account-code-resend = Send another code
account-code-other = Change the number

account-no-way-back-title = No way to find your account again
account-no-way-back = Without a confirmed contact you cannot find a lost identifier or password again by yourself: only your school can help.
account-no-way-back-confirm = Open the link that we sent to your email address, or ask for another one with “Change my email address”.
account-no-way-back-add = Add an address with “Change my email address”.
account-phone-waits-title = Your mobile number is not confirmed
account-phone-waits = It is of no use until you enter the code received by SMS. Use “Change my mobile number” to get one.

account-done-title = Done
account-done-password-title = Your password is changed
account-done-password = Everybody else is signed out of your account. You stay signed in here.
account-done-email-asked-title = Check your emails!
account-done-email-asked = The change of your email address was taken into account. A confirmation email was just sent to this new address (*). Read it carefully and follow the instructions.
account-done-email-asked-hint = (*) If nothing has arrived, look among unwanted messages or “spam”.
account-done-email-kept = Your email address does not change. The one that was waiting to be confirmed is forgotten.
account-done-email = Your email address is confirmed.
account-done-phone = Your mobile number is confirmed.
account-done-phone-kept = Your mobile number does not change. The one that was waiting to be confirmed is forgotten.
account-done-language = Our messages will be in this language.
