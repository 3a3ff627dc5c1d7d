## Signing in through another provider: FranceConnect.

sign-in-with = Continue with { $upstream }
sign-in-about = What is { $upstream }?
sign-in-about-window = What is { $upstream }? - new window
sign-in-again-upstream = To continue, sign in again. Your account ({ $identifier }) has no password.
sign-in-other-ways = Sign in without a school password

idp-upstream-back = Back to signing in
idp-upstream-unreachable-title = { $upstream } does not answer
idp-upstream-unreachable-text = Try again in a few minutes, or sign in with your username and password.
idp-upstream-cancelled-title = You left { $upstream }
idp-upstream-cancelled-text = Nobody was signed in. You may start again, or sign in with your username and password.
idp-upstream-failed-title = { $upstream } could not tell us who you are
idp-upstream-failed-text = Nobody was signed in. Start again, or sign in with your username and password.
idp-upstream-nobody-title = We could not sign you in with { $upstream }
idp-upstream-nobody-text = Sign in with your username and password. If you have none, ask your child’s school, which will check your names and your date of birth.
idp-upstream-lost-title = This visit to { $upstream } is no longer valid
idp-upstream-lost-text = It was started too long ago, or in another browser, or it has been used. Go back to the service that you wanted to use and start again.
idp-upstream-not-theirs-title = This account was not linked to { $upstream }
idp-upstream-not-theirs-text = The identity given by { $upstream } is not the one that the school knows for this account, or it opens another account already. If that other account is yours, group the two in “My children”.
idp-upstream-not-proven-title = { $upstream } opens no account that can be grouped with this one
idp-upstream-not-proven-text = The other account must open with { $upstream }, be a guardian’s, and have the same names as yours; if it asks for a verification code, sign in with it and start again from there. Nothing was changed. You may also type the username and the password of the other account.
idp-upstream-bind = I have an account: get a code to link it
