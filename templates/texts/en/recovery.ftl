## Lost identifier, lost password (guide, 4.3)

recovery-identifier-title = Lost identifier
recovery-identifier-choose = I choose how to get my identifier
recovery-with = I reach my account with { $upstream }
recovery-choose-hint = The email address or phone number must have been confirmed in your account. Text messages are for guardians only.
recovery-by-mail = Receive by email
recovery-by-sms = Receive by text message
recovery-or = OR
recovery-school = I contact my school
recovery-cancel = Cancel
recovery-send = Send
recovery-continue = Continue
recovery-sign-in = Sign in
recovery-again = Start again
recovery-identifier-ask-mail = I enter my email address to receive my identifier there.
recovery-identifier-ask-phone = I enter my phone number to receive a text message with my identifier.
recovery-email = Email
recovery-email-fault = Enter a whole email address, such as claire.martin@example.org
recovery-phone = Mobile phone number
recovery-phone-hint = For numbers outside metropolitan France, please give the country code
recovery-phone-fault = Enter a whole phone number, such as 06 39 98 00 01

recovery-check-mail = Check your email!
recovery-check-phone = Check your phone!
recovery-identifier-sent = We have just sent you your identifier.
recovery-password-sent = We have just sent you what to do to reset your password.
recovery-spam-hint = If you received nothing, please look among your junk mail or “spam”.
recovery-mail-hint = If several accounts have this address, they are all in the same message. Please look among your junk mail too.
recovery-sms-hint = If several accounts have this number, they are all in the same message.
recovery-nothing-title = Did you receive nothing?
recovery-nothing-text = We send nothing to an address or number that was not confirmed in the account, nor to an account that was not activated. Your school helps you then.
recovery-other-way = Choose another way

recovery-password-title = I reset my password
recovery-identifier-empty = Enter your identifier
recovery-code = Code received by text message
recovery-code-ask = I enter the code received by text message (valid for 30 min)
recovery-code-hint = 8 digits
recovery-code-empty = Enter the code that you received
recovery-code-wrong = This code is not right. Check the latest message, then try again
recovery-code-over = This code is no longer good: it is too old, was replaced by another, or was tried too often. Ask for another code or choose another way
recovery-no-sms-title = No text message?
recovery-no-sms-text = It may take some minutes. It is sent only if your number was confirmed in your account.
recovery-code-resend = Send another code

recovery-new-title = Change the password
recovery-identifier-other = This is not the identifier of the account that this link was sent for
recovery-new-consequence = Your account will be signed out on all devices.
recovery-set-title = Your password was changed
recovery-set-text = You can sign in with your new password.
recovery-set-next = Your account was signed out on all devices, and a message confirms it.
recovery-over-title = This step is no longer valid
recovery-over-text = It was already used, waited too long, or was begun in another browser. Nothing was changed: start again from the beginning.
recovery-link-over-title = This link no longer works
recovery-link-over-text = It was already used, is older than 24 hours, or a newer one was sent to you. Use the latest message, or ask for another link.

recovery-france-connect-title = Do you use FranceConnect?
recovery-france-connect-text = Your account then opens without an identifier or password of ours. If FranceConnect is the problem, see
recovery-france-connect-link = the frequent questions of FranceConnect (in French)

## It was not me

disavowal-title = Was it not you?
disavowal-lead = Your account was changed. If you did not do it, take your account back now.
disavowal-account = Identifier
disavowal-what-title = What will happen
disavowal-what-password = The password chosen with that change or since will open nothing.
disavowal-what-contacts = Your email address and phone number become those of before.
disavowal-what-sessions = All sessions of your account end, and pending requests are dropped.
disavowal-after = You then choose a new password, by a message sent to the address or number of before.
disavowal-submit = It was not me
disavowal-was-me = If it was you, close this page: nothing changes.
disavowal-done-title = Your account is yours again
disavowal-done-text = The change was taken back, and all sessions were ended.
disavowal-done-next = Now choose a new password. If you cannot, your school can help you.
disavowal-done-button = Lost password
disavowal-over-title = This link no longer works
disavowal-over-text = It was already used, or the change is older than three days. If your account was changed without you, choose a new password or contact your school.

## Linking FranceConnect to an active account by a code

binding-title = Link { $upstream } to your account
binding-lead = If your account is active already, type its username and choose where to get a code. From then on it opens with { $upstream } too.
binding-code-ask-mail = Enter the code received by email (valid for 30 minutes)
binding-code-ask-sms = Enter the code received by text message (valid for 30 minutes)
binding-code-mail = Code received by email
binding-nothing-text = The code is sent only if the account is active, if the address or number was confirmed in it, and if its names and date of birth are those that { $upstream } gives. If not, your school helps you.

## A request of a school

school-request-title = A request of your school
school-request-lead = { $school } asked for:
school-request-reset = a new provisional password for this account.
school-request-factor = the removal of this account’s second factor.
school-request-at = It takes effect { $at }, or earlier if a second person of the school confirms it. If it was not you, stop it.
school-request-effect = If you stop it, nothing changes in the account.
school-request-submit = Stop the request
school-request-was-me = If it was you, close this page: there is nothing to do.
school-request-done-title = The request is stopped
school-request-done-text = Nothing has changed in the account.
school-request-done-next = Did somebody pretend to be you? Tell the school.
school-request-done-button = Reach the school
school-request-over-title = This request waits no more
school-request-over-text = It was stopped, carried out, or is too old. If something changed in your account without you, call the school.
