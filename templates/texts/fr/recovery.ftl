## Identifiant perdu, mot de passe perdu (guide, 4.3)

recovery-identifier-title = Identifiant perdu
recovery-identifier-choose = Je choisis le mode de récupération de mon identifiant
recovery-with = J’accède à mon compte avec { $upstream }
recovery-choose-hint = L’adresse email ou le numéro de téléphone doit avoir été confirmé dans votre compte. Le SMS est réservé aux responsables.
recovery-by-mail = Recevoir par email
recovery-by-sms = Recevoir par SMS
recovery-or = OU
recovery-school = Je contacte mon établissement
recovery-cancel = Annuler
recovery-send = Envoyer
recovery-continue = Continuer
recovery-sign-in = Se connecter
recovery-again = Recommencer
recovery-identifier-ask-mail = Je saisis mon adresse email pour recevoir mon identifiant sur cette adresse.
recovery-identifier-ask-phone = Je saisis mon numéro de téléphone pour recevoir un SMS avec mon identifiant.
recovery-email = Email
recovery-email-fault = Saisissez une adresse email complète, par exemple claire.martin@example.org
recovery-phone = N° de téléphone portable
recovery-phone-hint = Pour les numéros hors France métropolitaine, merci d’indiquer l’indicatif régional
recovery-phone-fault = Saisissez un numéro de téléphone complet, par exemple 06 39 98 00 01

recovery-check-mail = Vérifiez vos emails !
recovery-check-phone = Vérifiez votre téléphone !
recovery-identifier-sent = Nous venons juste de vous envoyer votre identifiant de connexion.
recovery-password-sent = Nous venons juste de vous envoyer les instructions pour réinitialiser votre mot de passe.
recovery-spam-hint = Si vous n’avez rien reçu, pensez à regarder dans vos courriers indésirables ou « spams ».
recovery-mail-hint = Si plusieurs comptes ont cette adresse, ils sont tous dans le même message. Pensez à regarder dans vos courriers indésirables.
recovery-sms-hint = Si plusieurs comptes ont ce numéro, ils sont tous dans le même message.
recovery-nothing-title = Vous n’avez rien reçu ?
recovery-nothing-text = Nous n’envoyons rien à une adresse ou à un numéro qui n’a pas été confirmé dans le compte, ni à un compte qui n’a pas été activé. Dans ce cas, votre école ou votre établissement vous aide.
recovery-other-way = Choisir un autre moyen

recovery-password-title = Je réinitialise mon mot de passe
recovery-identifier-empty = Saisissez votre identifiant
recovery-code = Code reçu par SMS
recovery-code-ask = J’indique le code d’activation reçu par SMS (valable 30min)
recovery-code-hint = 8 chiffres
recovery-code-empty = Saisissez le code reçu
recovery-code-wrong = Ce code n’est pas le bon. Vérifiez le dernier message reçu, puis réessayez
recovery-code-over = Ce code ne sert plus : il est trop ancien, remplacé par un autre, ou a été essayé trop souvent. Demandez un autre code ou choisissez un autre moyen
recovery-no-sms-title = Le SMS n’arrive pas ?
recovery-no-sms-text = Il peut mettre quelques minutes. Il n’est envoyé que si votre numéro a été confirmé dans votre compte.
recovery-code-resend = Renvoyer un code

recovery-new-title = Modifier le mot de passe
recovery-identifier-other = Ce n’est pas l’identifiant du compte pour lequel ce lien a été envoyé
recovery-new-consequence = Votre compte sera déconnecté de tous les appareils.
recovery-set-title = Votre mot de passe est modifié
recovery-set-text = Vous pouvez vous connecter avec votre nouveau mot de passe.
recovery-set-next = Votre compte a été déconnecté de tous les appareils, et un message vous le confirme.
recovery-over-title = Cette étape n’est plus valable
recovery-over-text = Elle a déjà servi, ou a attendu trop longtemps, ou a été commencée dans un autre navigateur. Rien n’a été changé : recommencez depuis le début.
recovery-link-over-title = Ce lien ne sert plus
recovery-link-over-text = Il a déjà servi, il a plus de 24 heures, ou un lien plus récent vous a été envoyé. Utilisez le dernier message reçu, ou demandez un autre lien.

recovery-france-connect-title = Vous utilisez FranceConnect ?
recovery-france-connect-text = Votre compte s’ouvre alors sans identifiant ni mot de passe de notre part. Si FranceConnect vous pose un problème, consultez
recovery-france-connect-link = les questions fréquentes de FranceConnect

## Ce n’est pas moi

disavowal-title = Ce n’est pas vous ?
disavowal-lead = Un changement a été fait dans votre compte. Si vous n’en êtes pas l’auteur, reprenez votre compte maintenant.
disavowal-account = Identifiant
disavowal-what-title = Ce qui va se passer
disavowal-what-password = Le mot de passe choisi lors de ce changement ou depuis ne servira plus.
disavowal-what-contacts = Votre adresse email et votre téléphone redeviennent ceux d’avant.
disavowal-what-sessions = Toutes les connexions à votre compte sont fermées, et les demandes en cours sont annulées.
disavowal-after = Vous choisirez ensuite un nouveau mot de passe, avec un message envoyé à l’adresse ou au numéro d’avant.
disavowal-submit = Ce n’est pas moi
disavowal-was-me = Si c’était bien vous, fermez cette page : rien ne change.
disavowal-done-title = Votre compte est repris
disavowal-done-text = Le changement est annulé, et toutes les connexions sont fermées.
disavowal-done-next = Choisissez maintenant un nouveau mot de passe. Si vous n’y arrivez pas, votre école ou votre établissement peut vous aider.
disavowal-done-button = Mot de passe perdu
disavowal-over-title = Ce lien ne sert plus
disavowal-over-text = Il a déjà servi, ou le changement date de plus de trois jours. Si votre compte a été modifié sans vous, choisissez un nouveau mot de passe ou contactez votre école ou votre établissement.

## Relier FranceConnect à un compte actif par un code

binding-title = Relier { $upstream } à votre compte
binding-lead = Si votre compte est déjà activé, saisissez son identifiant et choisissez où recevoir un code. Ensuite, il s’ouvrira aussi avec { $upstream }.
binding-code-ask-mail = J’indique le code reçu par email (valable 30 minutes)
binding-code-ask-sms = J’indique le code reçu par SMS (valable 30 minutes)
binding-code-mail = Code reçu par email
binding-nothing-text = Le code n’est envoyé que si le compte est activé, si l’adresse ou le numéro y a été confirmé, et si son nom et sa date de naissance sont ceux que donne { $upstream }. Sinon, votre école ou votre établissement vous aide.

## Une demande d’un établissement

school-request-title = Une demande de votre établissement
school-request-lead = { $school } a demandé :
school-request-reset = un nouveau mot de passe provisoire pour ce compte.
school-request-factor = le retrait de la seconde vérification de ce compte.
school-request-at = Elle prend effet { $at }, ou plus tôt si une seconde personne de l’établissement la confirme. Si ce n’est pas vous, arrêtez-la.
school-request-effect = Si vous l’arrêtez, rien ne change dans le compte.
school-request-submit = Arrêter la demande
school-request-was-me = Si c’est bien vous, fermez cette page : il n’y a rien à faire.
school-request-done-title = La demande est arrêtée
school-request-done-text = Rien n’a changé dans le compte.
school-request-done-next = Quelqu’un s’est fait passer pour vous ? Prévenez l’établissement.
school-request-done-button = Joindre l’établissement
school-request-over-title = Cette demande n’est plus en attente
school-request-over-text = Elle a été arrêtée, exécutée, ou elle est trop ancienne. Si quelque chose a changé dans votre compte sans vous, appelez l’établissement.
