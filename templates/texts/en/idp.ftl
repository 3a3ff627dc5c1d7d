## The identity provider: steps of a sign-in, errors, sign-out.

idp-expired-title = This sign-in is no longer valid
idp-expired-text = It was started too long ago. Go back to the service you wanted to use and start again.
idp-ended-title = You have already finished this sign-in
idp-ended-text = This page works once. Go back to { $service }: if you are signed in, you will have nothing to type.
idp-other-browser-title = This sign-in was started elsewhere
idp-other-browser-text = It was opened in another browser, or this one lost its cookie. Go back to { $service } and start again in this browser.
idp-service-gone-title = This service is no longer open
idp-service-gone-text = It was closed while you were signing in. Contact the school that offered it to you.
idp-unproven-title = This service is not set up correctly
idp-unproven-text = It sent you here with a request that we cannot check. Nothing was passed on. Please tell the person or the school that offered you this service.
idp-back-to-service = Go back to { $service }
idp-to-account = Go to my account
idp-other-account = Use another account
idp-leave = Go back to the service

idp-wrong-person-title = This service expects another account
idp-wrong-school-text = { $service } is for some schools only, and none of yours is among them. If you think that this is a mistake, ask your school.
idp-consent-purpose = Why: { $purpose }
idp-consent-unverified-title = Unverified service
idp-consent-unverified-text = Nobody has checked this service: the name that it shows is the one it gave itself. Check the site’s address before you go on.
idp-consent-test = This service is being tried.
idp-wrong-person-text = You are signed in with an account that { $service } does not take. This service is for:
idp-kind-pupil = pupils
idp-kind-guardian = legal guardians
idp-kind-officer = head teachers
idp-kind-administrator = administrators

idp-under-age-title = This service needs an adult’s agreement
idp-under-age-text = { $service } cannot sign in pupils under 15.
idp-under-age-help = Talk about it with your legal guardian or your teacher.

idp-consent-title = Allow { $service }?
idp-consent-lead = You are signed in with the account of { $person }.
idp-consent-host = This service is at { $host }.
idp-consent-given = This service will receive
idp-scope-openid = a number that stands for you, for this service alone
idp-scope-profile = your names and your birth date
idp-scope-email = your e-mail address
idp-scope-phone = your phone number
idp-scope-address = your postal address
idp-scope-family = the pupils you represent, or your legal guardians, and the schools
idp-consent-long-title = For a long time
idp-consent-long-text = This service will be able to read this again without you, even when you are signed out.
idp-consent-allow = Allow
idp-consent-deny = Refuse
idp-consent-more = Good to know
idp-consent-memory = Your answer is kept: you will only be asked again if the service asks for something else.
idp-consent-policy = What this service does with your data
idp-consent-terms = Terms of use of this service
idp-consent-not-you = You are not { $person }?

idp-sign-out-title = Sign out?
idp-sign-out-text = You are signed in with the account of { $person }. Signing out ends it for all services.
idp-sign-out-submit = Sign out
idp-sign-out-stay = Stay signed in
idp-signed-out-title = You are signed out
idp-signed-out-done = Done
idp-signed-out-text = On a shared computer, close the browser too.
idp-other-account-title = This link is for another account
idp-other-account-text = You are signed in with another account than the one this link was sent for. Sign in with that account to go on.
