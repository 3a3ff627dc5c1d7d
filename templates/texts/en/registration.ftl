## Je n’ai pas encore d’identifiant: a guardian activates their account by SMS

registration-title = I do not have an identifier yet
registration-lead = Are you a pupil’s legal guardian, and does the school know your mobile number? Activate your account yourself.
registration-family = Family name
registration-given = Given name
registration-family-empty = Enter your family name
registration-given-empty = Enter your given name
registration-mobile-hint = The one that you gave to the school. For example 06 12 34 56 78; outside metropolitan France, begin with the country code.
registration-pupil-title = Are you a pupil?
registration-pupil-text = Your identifier is given by the school. Ask your teacher for it.
registration-cancel = Cancel
registration-again = Begin again
registration-expired-text = This request was begun too long ago, is done, or was begun in another browser. Begin again.
registration-code-lead = If the school knows this name and this number, an SMS has just been sent to you.
registration-code = Code received by SMS
registration-code-hint = Eight digits, valid for 30 minutes.
registration-code-malformed = Enter the eight digits of the code
registration-code-wrong = { $left ->
    [0] This is not the code, and it cannot be tried again. Ask for a new code
    [one] This is not the code. There is 1 try left
   *[other] This is not the code. There are { $left } tries left
}
registration-code-over = This code is not valid any more. Ask for a new code
registration-no-code-title = Nothing has come?
registration-no-code-text = Wait a minute, check the number, then ask for a new code. If nothing comes, the school may not have this name or this number: it can give you an identifier and a provisional password.
registration-resend = Send another code
registration-dates-lead-one = To check that it is you, give the date of birth of the child whom you represent.
registration-dates-lead = To check that it is you, give the dates of birth of the { $count } children whom you represent, in any order.
registration-date-one = Date of birth of your child
registration-date = Date of birth, child { $number }
registration-dates-refused = { $left ->
    [one] At least one date is not the one that your child’s school knows. There is 1 try left
   *[other] At least one date is not the one that your child’s school knows. There are { $left } tries left
}
registration-dates-refused-school = { $left ->
    [one] At least one date is not the one that the school ({ $schools }) knows. There is 1 try left
   *[other] At least one date is not the one that the school ({ $schools }) knows. There are { $left } tries left
}
registration-dates-trouble-title = Is a date refused?
registration-dates-trouble-text = Your child’s school can see which date was refused, and correct it.
registration-ended-title = Your answers could not be verified
registration-ended-text = Three times, a date of birth was not the one that your child’s school knows. Ask the school: it can correct it, or give you a provisional password. You can also try again tomorrow.
registration-password-lead = Choose the password of your account.
registration-done-title = Your account is activated
registration-done-lead = Here is your identifier. It has just been sent to you by SMS as well.
registration-done-text = Sign in with this identifier and the password that you have just chosen.
