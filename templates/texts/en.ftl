# The texts of Préau, by the keys of fr.ftl.

## Frame
product-name = Préau
title-error = Error:
skip-to-content = Skip to content
purpose = to continue to
footer-label = Information and language
help-link = Help
accessibility-link = Accessibility: { $level ->
    [full] fully compliant
    [partial] partially compliant
   *[none] not compliant
}
try-again = Try again

## Fields
error-summary-title = There is a problem
password-show = Show
password-hide = Hide
password-shown = The password is shown.
password-hidden = The password is hidden.

## Sign-in
sign-in-title = Sign in
sign-in-lead = With the username and password of your school account.
sign-in-identifier = Username
sign-in-identifier-hint = For example c.martin1
sign-in-password = Password
sign-in-submit = Sign in
sign-in-identifier-empty = Enter your username
sign-in-password-empty = Enter your password
sign-in-refused = The username or the password is not right. Check them, then try again
sign-in-no-identifier = I do not have an identifier yet
sign-in-lost-identifier = Lost identifier
sign-in-lost-password = Lost password
sign-in-or = OR

## Errors
error-not-found-title = This page does not exist
error-not-found-text = The address is incomplete, or the page has moved. Go back to the service that you wanted to use and start again.
error-too-many-title = Please wait a moment
error-too-many-text = There were many tries. To protect accounts, there is a short wait before the next one.
error-busy-title = Many people are here right now
error-busy-text = The service is receiving too many requests at once. Nothing is lost, just start again a little later.
error-retry-after = { $seconds ->
    [one] Try again in 1 second.
   *[other] Try again in { $seconds } seconds.
}
error-form-expired-title = This page has waited too long
error-form-expired-text = For your safety, what you entered was not used. Open the page again and start over.
error-no-cookies-title = Your browser refuses cookies
error-no-cookies-text = A cookie is needed to sign you in. Allow cookies for this site in your browser’s settings, then try again.
error-bad-request-title = This request is not valid
error-bad-request-text = What the browser sent is incomplete or cannot be read. Go back to the service that you wanted to use and start again.
error-internal-title = The service has a problem
error-internal-text = It is not your fault, and the technical team has been told. Try again in a few minutes.
error-help-title = Still not working?
error-help-text = Contact your school and give this code:
error-code = Code
error-detail = Technical detail

## Back to the service
form-post-title = Back to your service
form-post-text = If nothing happens, use the button.
form-post-submit = Continue

## Help
help-title = Help
help-lead = Answers to the most common questions. For everything else, your school can help.
help-search = Search the help
help-search-submit = Search
help-found = { $count ->
    [0] No answer found.
    [one] One answer found.
   *[other] { $count } answers found.
}
help-all = See all questions
help-school-title = Contacting the school
help-school-text = The school office knows your file and can check who you are. No member of staff will ever ask for your password.

## Accessibility
statement-title = Accessibility
statement-operator = { $operator } is committed to making this service accessible to everyone, under article 47 of French law no. 2005-102 of 11 February 2005. This statement covers the sign-in and account pages of this site.
statement-no-operator = Whoever runs this service is committed to making it accessible to everyone, under article 47 of French law no. 2005-102 of 11 February 2005. This statement covers the sign-in and account pages of this site.
statement-state-title = Compliance
statement-state = { $level ->
    [full] This site fully complies with the French accessibility standard (RGAA), version 4.1.
    [partial] This site partially complies with the French accessibility standard (RGAA), version 4.1.
   *[none] This site does not comply with the French accessibility standard (RGAA), version 4.1, or its compliance has not been checked yet.
}
statement-audit-title = Test results
statement-rate = { $rate }% of the criteria of the RGAA are met.
statement-audit = Audited on { $day } by { $auditor }.
statement-auditor-own = the operator
statement-no-audit = No audit has been made yet.
statement-shortcomings-title = Content that is not accessible
statement-how-title = How these pages are made
statement-how = They work without JavaScript, by keyboard, with a screen reader, and up to 400% zoom. They follow your device’s light or dark colours.
statement-contact-title = Feedback and contact
statement-contact = If you cannot reach some content or complete a task, write to the operator or ask your school: you will be shown an accessible way.
statement-appeal-title = Appeals
statement-appeal = If you reported an accessibility problem and the answer did not satisfy you, you can turn to the French Defender of Rights:
statement-appeal-form = by its online form
statement-appeal-phone = by telephone, +33 9 69 39 00 00
statement-appeal-post = by post, free of charge: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07

## Help: password
password-help-title = Creating a secure password
password-help-lead = A good password is long, easy for you to remember, and hard to guess even for those who know you.
password-help-words-title = Three words or more
password-help-words-text = Choose at random at least three words that have nothing to do with each other. Spaces, accents and hyphens are allowed.
password-help-words-example = For example: giraffe, violin and corridor make “giraffe violin corridor”. Do not use this example, make up your own.
password-help-refused-title = What is refused
password-help-refused-short = A password of fewer than 12 characters.
password-help-refused-common = A password among the most widespread, even followed by digits: “password2026” is tried first.
password-help-refused-personal = A password made of your names, your username, the name of your school or of { $product }.
password-help-keep-title = Keeping it
password-help-keep-once = Use it for this account only.
password-help-keep-manager = A password manager, such as that of your browser or your phone, can make it up and remember it. On paper, keep it at home.
password-help-keep-secret = Give it to nobody. Nobody at school will ask you for it.
