## My account

account-title = My account
account-name = Name
account-identifier = Identifier
account-to-portal = Open the demo portal

## New password
new-password-label = New password
new-password-confirm = Confirm your password
new-password-confirm-mine = Confirm my password
new-password-hint = At least 12 characters. Three words that have nothing to do with each other make a good password.
new-password-help = Need help to create a secure password?
new-password-empty = Enter a new password
new-password-too-short = Choose a password of at least 12 characters, for example three words
new-password-too-long = Choose a shorter password: at most 1000 characters
new-password-common = This password is too widespread. Choose another, for example three words that have nothing to do with each other
new-password-personal = This password can be guessed from your name, your username, your school or the name of this service. Add other words
new-password-differs = Enter the same password twice
strength-label = Strength of the password
strength-very-weak = Very weak
strength-weak = Weak
strength-fair = Fair
strength-strong = Strong
strength-very-strong = Very strong
