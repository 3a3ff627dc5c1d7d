## “My account”, tab “My children” (guide, 4.4.4 and 4.4.5), and the question after a report.

children-title = My children
children-add = Add pupils from another account
children-born = Date of birth:
children-schools = { $count ->
    [one] School
   *[other] Schools
}
children-others = Other guardians
children-others-none = No other known guardian
children-report = I am not the legal representative of this pupil
children-none-title = No pupil in this account
children-none-text = No school has named you yet as the legal representative of a pupil with this account.
children-none-help = If the school gave you another identifier, add the pupils from that other account. Otherwise ask the school.
children-missing-title = Is a child missing?
children-missing-text = The school that does not know you under this account gave you another identifier: add the pupils from that other account. If you do not have it, ask the school for it, with a provisional password.
children-grouped-title = Your accounts are grouped
children-grouped-text = The pupils of the other account are here now. A message confirms it to your confirmed addresses and numbers.
children-reported-title = Your report was taken
children-reported-text = The pupil is no longer in your account, and services no longer see this link. At your next sign-in we will ask you once to confirm.
children-confirm = Confirm
children-cancel = Cancel
children-back = Back to my children

grouping-search-title = Find the account
grouping-search-lead = Enter the identifier and the password of the account that has the pupils to be added.
grouping-search-lead-ways = Prove that the account which has the pupils to add is yours too.
grouping-rule-names = Family name and given name of both accounts must be the same: { $person }.
grouping-rule-kept = You keep the account that you are signed in with, { $identifier }. If you would rather keep the other one, sign in with it and start again from there.
grouping-by-upstream = The other account has no password
grouping-by-password = The other account has a password
grouping-identifier-hint = That of the other account
grouping-password-hint = The provisional password given by the school, or the one you chose for the other account
grouping-identifier-empty = Enter the identifier of the other account
grouping-password-empty = Enter the password of the other account
grouping-continue = Continue
grouping-letter-title = You do not have the identifier of the other account?
grouping-letter-text = Ask the school of the child who is missing for the identifier and a provisional password of that account.
grouping-own-account = This is the account that you are signed in with: enter the identifier of the other account
grouping-not-a-guardian = This account is not a legal guardian’s: only accounts of one and the same guardian can be grouped
grouping-other-names = The family name or the given name of this account is not the same as yours: ask the school to correct them, then try again

grouping-title = Group these two accounts?
grouping-kept = Account that you keep
grouping-merged = Account that will be grouped
grouping-pupils = { $count ->
    [one] This pupil will be added to your account
   *[other] These pupils will be added to your account
}
grouping-no-pupils = No new pupil will be added to your account.
grouping-effects = What changes
grouping-effect-identifier = The identifier { $merged } will no longer sign in: use { $kept }.
grouping-effect-contacts = The e-mail address and the mobile number of the other account are erased. Yours stay.
grouping-effect-services = Services that knew the other account will know you under this one. What you allowed with the other account ends.
grouping-over-title = This grouping is no longer possible
grouping-over-text = It was done already, it waited for more than 15 minutes, or one of the two accounts has changed since. Nothing else was changed.
grouping-over-again = Find the account again

report-title = Report that you are not the legal representative of { $child }?
report-lead = Do this if the school made a mistake, or if you no longer have parental authority. This is what happens at once.
report-effect-account = { $child } disappears from your account.
report-effect-services = Portals and services no longer see this link.
report-effect-school = The school sees your report.
report-effect-back = If it was a mistake, you can restore the link at your next sign-in.
report-only-title = This cannot be reported here
report-only-text = { $child } is the only pupil of your account. Where there is a single link between a guardian and a pupil, a report cannot be taken.
report-only-help = Ask the school, which corrects its file.

verify-children-title = Check your children
verify-children-lead = You reported that you are not the legal representative of { $pupil }.
verify-children-upheld = { $school } answered: by its files the link is right.
verify-children-question = Is that still so?
verify-children-restore-means = It was a mistake: { $pupil } comes back to your account and to services.
verify-children-keep-means = It is still true: { $pupil } stays out of your account.
verify-children-restore = Restore the link
verify-children-keep = Keep the report
verify-children-once-title = Good to know
verify-children-once = This question is asked once, and once more when a school answers that the link is right. After that, ask the school.
