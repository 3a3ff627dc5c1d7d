## J’active mon compte, avec le mot de passe provisoire de l’école

activation-title = J’active mon compte
activation-continue = Continuer
activation-skip = Passer cette étape
activation-submit = Activer mon compte
activation-lead = Bienvenue, { $person }. Quelques questions, et votre compte est prêt.
activation-date = Date de naissance
activation-date-child = Date de naissance de l’un de vos enfants
activation-date-why = Votre date de naissance montre que cette lettre est bien pour vous.
activation-date-why-child = La date de naissance d’un enfant que vous représentez montre que cette lettre est bien pour vous. Celle d’un seul enfant suffit.
activation-date-refused = { $left ->
    [one] Cette date n’est pas celle que l’école connaît. Il reste 1 essai, vérifiez bien
   *[other] Cette date n’est pas celle que l’école connaît. Il reste { $left } essais, vérifiez bien
}
activation-ended-title = Le mot de passe provisoire ne fonctionne plus
activation-ended-text = Trois dates de naissance n’étaient pas celles que l’école connaît. Pour protéger le compte, le mot de passe provisoire est arrêté. Demandez-en un nouveau à l’école ou à l’établissement, et faites vérifier la date de naissance.
activation-schools = Je contacte mon établissement
activation-expired-text = L’activation a été reprise sur un autre appareil, ou elle est terminée. Ce que vous avez saisi ici n’a pas été pris en compte.
activation-sign-in-again = Me connecter à nouveau
activation-code-lead = L’école ne connaît pas votre date de naissance. Pour vérifier que c’est bien vous, nous envoyons un code au numéro de portable que vous lui avez donné.
activation-code-send = Recevoir un code par SMS
activation-code-sent = Un code vient d’être envoyé au numéro de portable que vous avez donné à l’école.
activation-code-trouble = Attendez une minute, puis demandez un nouveau code. Si vous n’avez plus ce numéro, demandez à l’école de le corriger, ou de vous donner un mot de passe provisoire.
activation-through = aucun ; vous vous connecterez avec { $upstream }
activation-password-lead = Choisissez le mot de passe que vous utiliserez désormais avec l’identifiant { $identifier }.
activation-password-same = Choisissez un autre mot de passe que celui de la lettre
activation-email-lead = Une adresse email permet de retrouver votre identifiant ou votre mot de passe.
activation-email = Email
activation-email-confirm = Confirmer mon email
activation-email-malformed = Saisissez une adresse email comme nom@exemple.fr, ou passez cette étape
activation-email-differs = Saisissez deux fois la même adresse email
activation-email-skipped = Sans email ni téléphone confirmé, il faudra vous adresser à l’école si vous oubliez votre mot de passe. Vous pourrez en ajouter plus tard dans « Mon compte ».
activation-email-skipped-pupil = Sans email confirmé, il faudra demander à votre professeur ou à l’école si vous oubliez votre mot de passe. Vous pourrez en ajouter un plus tard dans « Mon compte ».
activation-under-age-title = Vous avez moins de 15 ans ?
activation-under-age-text = Faites cette étape avec l’un de vos responsables légaux, ou passez-la.
activation-phone-lead = Un numéro de portable permet aussi de retrouver votre identifiant ou votre mot de passe, par SMS.
activation-phone-skipped = Sans numéro confirmé, rien ne pourra vous être envoyé par SMS. Vous pourrez en ajouter un plus tard dans « Mon compte ».
activation-recap-lead = Vérifiez, puis activez votre compte.
activation-name = Nom
activation-identifier = Identifiant
activation-password = Mot de passe
activation-password-chosen = choisi
activation-not-given = non renseigné
activation-change-password = Choisir un autre mot de passe
activation-change-email = Modifier l’email
activation-change-phone = Modifier le numéro
activation-email-to-confirm = Un email va vous être envoyé pour confirmer cette adresse.
activation-trouble-title = Un problème ?
activation-trouble-text = Ce que vous avez déjà fait est gardé : vous pouvez reprendre plus tard, ou sur un autre appareil, avec le mot de passe provisoire.
activation-trouble-upstream = Tant que le compte n’est pas activé, vous pouvez arrêter et recommencer plus tard.

terms-title = Conditions d’utilisation
terms-accepting = En activant votre compte, vous acceptez ces conditions :
terms-personal = Le compte est personnel. Vous ne donnez votre mot de passe à personne.
terms-true = L’email et le numéro que vous donnez sont les vôtres.
terms-school = Si un élève de votre compte n’est pas le vôtre, vous le signalez.
terms-data = Vos données servent à vous connecter aux services de l’école, et un service ne reçoit que ce dont il a besoin.

date-hint = Jour, mois et année, par exemple 22/03/2014
date-form = Saisissez la date sous la forme JJ/MM/AAAA, par exemple 22/03/2014
date-no-such-day = Cette date n’existe pas. Vérifiez le jour et le mois
date-future = Cette date est à venir. Vérifiez l’année

mobile-label = N° de téléphone portable
mobile-hint = Par exemple 06 12 34 56 78. Hors de la France métropolitaine, commencez par l’indicatif du pays, par exemple +262.
mobile-malformed = Saisissez un numéro de portable, par exemple 06 12 34 56 78
mobile-no-sms = Ce numéro ne peut pas recevoir nos SMS. Saisissez un numéro de portable
