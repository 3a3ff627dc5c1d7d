## Je n’ai pas encore d’identifiant: un responsable active son compte par SMS

registration-title = Je n’ai pas encore d’identifiant
registration-lead = Vous êtes responsable légal d’un élève, et l’école connaît votre numéro de portable ? Activez votre compte vous-même.
registration-family = Nom
registration-given = Prénom
registration-family-empty = Saisissez votre nom
registration-given-empty = Saisissez votre prénom
registration-mobile-hint = Celui que vous avez donné à l’école. Par exemple 06 12 34 56 78 ; hors de la France métropolitaine, commencez par l’indicatif du pays.
registration-pupil-title = Vous êtes élève ?
registration-pupil-text = Votre identifiant est donné par l’école ou l’établissement. Demandez-le à votre professeur.
registration-cancel = Annuler
registration-again = Recommencer
registration-expired-text = Cette demande a été commencée il y a trop longtemps, elle est terminée, ou elle a été commencée dans un autre navigateur. Recommencez.
registration-code-lead = Si l’école connaît ce nom et ce numéro, un SMS vient de vous être envoyé.
registration-code = Code reçu par SMS
registration-code-hint = Huit chiffres, valables 30 minutes.
registration-code-malformed = Saisissez les huit chiffres du code
registration-code-wrong = { $left ->
    [0] Ce code n’est pas le bon, et il ne peut plus être essayé. Demandez un nouveau code
    [one] Ce code n’est pas le bon. Il reste 1 essai
   *[other] Ce code n’est pas le bon. Il reste { $left } essais
}
registration-code-over = Ce code n’est plus valable. Demandez un nouveau code
registration-no-code-title = Vous n’avez rien reçu ?
registration-no-code-text = Attendez une minute, vérifiez le numéro, puis demandez un nouveau code. Si rien n’arrive, l’école n’a peut-être pas ce nom ou ce numéro : elle peut vous donner un identifiant et un mot de passe provisoire.
registration-resend = Renvoyer un code
registration-dates-lead-one = Pour vérifier que c’est bien vous, donnez la date de naissance de l’enfant que vous représentez.
registration-dates-lead = Pour vérifier que c’est bien vous, donnez les dates de naissance des { $count } enfants que vous représentez, dans l’ordre que vous voulez.
registration-date-one = Date de naissance de votre enfant
registration-date = Date de naissance, enfant { $number }
registration-dates-refused = { $left ->
    [one] Au moins une date n’est pas celle que connaît l’école ou l’établissement de votre enfant. Il reste 1 essai
   *[other] Au moins une date n’est pas celle que connaît l’école ou l’établissement de votre enfant. Il reste { $left } essais
}
registration-dates-refused-school = { $left ->
    [one] Au moins une date n’est pas celle que connaît l’établissement ({ $schools }). Il reste 1 essai
   *[other] Au moins une date n’est pas celle que connaît l’établissement ({ $schools }). Il reste { $left } essais
}
registration-dates-trouble-title = Une date est refusée ?
registration-dates-trouble-text = L’école ou l’établissement de votre enfant peut voir quelle date a été refusée, et la corriger.
registration-ended-title = Vos réponses n’ont pas pu être vérifiées
registration-ended-text = Trois fois, une date de naissance n’était pas celle que connaît l’école ou l’établissement de votre enfant. Adressez-vous à lui : il peut la corriger, ou vous donner un mot de passe provisoire. Vous pourrez aussi réessayer demain.
registration-password-lead = Choisissez le mot de passe de votre compte.
registration-done-title = Votre compte est activé
registration-done-lead = Voici votre identifiant. Il vient aussi de vous être envoyé par SMS.
registration-done-text = Connectez-vous avec cet identifiant et le mot de passe que vous venez de choisir.
