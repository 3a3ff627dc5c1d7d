## My account

account-title = My account
account-lead = You are signed in with the account of { $person }.
account-name = Name
account-identifier = Identifier
account-to-portal = Open the demo portal
