## J’active mon compte: activation with the school's provisional password

activation-title = Activate my account
activation-continue = Continue
activation-skip = Skip this step
activation-submit = Activate my account
activation-lead = Welcome, { $person }. A few questions, and your account is ready.
activation-date = Date of birth
activation-date-child = Date of birth of one of your children
activation-date-why = Your date of birth shows that this letter is for you.
activation-date-why-child = The date of birth of a child whom you represent shows that this letter is for you. One child is enough.
activation-date-refused = { $left ->
    [one] This is not the date that the school knows. There is 1 try left: check carefully
   *[other] This is not the date that the school knows. There are { $left } tries left: check carefully
}
activation-ended-title = The provisional password has ended
activation-ended-text = Three dates of birth were not the ones that the school knows. To protect the account, the provisional password has been stopped. Ask the school for a new one, and have the date of birth checked.
activation-schools = I contact my school
activation-expired-text = The activation was taken up on another device, or it is done. What you have entered here was not taken into account.
activation-sign-in-again = Sign in again
activation-code-lead = The school does not know your date of birth. To check that it is you, we send a code to the mobile number that you gave it.
activation-code-send = Receive a code by SMS
activation-code-sent = A code has been sent to the mobile number that you gave to the school.
activation-code-trouble = Wait a minute, then ask for another code. If you no longer have this number, ask the school to correct it, or to give you a provisional password.
activation-through = none; you sign in with { $upstream }
activation-password-lead = Choose the password that you will use from now on with the identifier { $identifier }.
activation-password-same = Choose another password than the one of the letter
activation-email-lead = An email address lets you find your identifier or your password again.
activation-email = Email
activation-email-confirm = Confirm my email
activation-email-malformed = Enter an email address like name@example.org, or skip this step
activation-email-differs = Enter the same email address twice
activation-email-skipped = Without a confirmed email or phone, you will have to ask the school if you forget your password. You can add one later in “My account”.
activation-email-skipped-pupil = Without a confirmed email, you will have to ask your teacher or the school if you forget your password. You can add one later in “My account”.
activation-under-age-title = Are you under 15?
activation-under-age-text = Do this step with one of your legal guardians, or skip it.
activation-phone-lead = A mobile number lets you find your identifier or your password again as well, by SMS.
activation-phone-skipped = Without a confirmed number, nothing can be sent to you by SMS. You can add one later in “My account”.
activation-recap-lead = Check, then activate your account.
activation-name = Name
activation-identifier = Identifier
activation-password = Password
activation-password-chosen = chosen
activation-not-given = not given
activation-change-password = Choose another password
activation-change-email = Change the email
activation-change-phone = Change the number
activation-email-to-confirm = An email will be sent to you to confirm this address.
activation-trouble-title = A problem?
activation-trouble-text = What you have done already is kept: you can go on later, or on another device, with the provisional password.
activation-trouble-upstream = As long as the account is not active, you can stop and begin again later.

terms-title = Terms of use
terms-accepting = By activating your account you accept these terms:
terms-personal = The account is personal. You give your password to nobody.
terms-true = The email and the number that you give are your own.
terms-school = If a pupil in your account is not yours, you report it.
terms-data = Your data serve to sign you in to the school’s services, and a service receives only what it needs.

date-hint = Day, month and year, for example 22/03/2014
date-form = Enter the date as DD/MM/YYYY, for example 22/03/2014
date-no-such-day = This date does not exist. Check the day and the month
date-future = This date is still to come. Check the year

mobile-label = Mobile number
mobile-hint = For example 06 12 34 56 78. Outside metropolitan France, begin with the country code, for example +262.
mobile-malformed = Enter a mobile number, for example 06 12 34 56 78
mobile-no-sms = This number cannot receive our SMS. Enter a mobile number
