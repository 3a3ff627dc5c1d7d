## « Mon compte », onglet « Mes informations » (guide, 4.4.1 à 4.4.3).

account-tab-informations = Mes informations
account-tab-children = Mes enfants
account-continue = Continuer
account-send = Envoyer
account-cancel = Annuler

account-password-title = Modifier mon mot de passe
account-password-lead = Vos autres connexions seront fermées, sur tous les appareils.
account-choose-password = Choisir un mot de passe
account-choose-password-lead = Vous pourrez aussi vous connecter avec l’identifiant { $identifier } et ce mot de passe, sans FranceConnect. Vos autres connexions seront fermées.
account-upstream-linked = ouvre votre compte
account-upstream-not-linked = n’ouvre pas votre compte
account-upstream-link = Lier { $upstream }
account-upstream-unlink = Ne plus utiliser { $upstream }
account-upstream-lead = Vous pourrez vous connecter avec { $upstream }, sans identifiant ni mot de passe. Il faut que votre nom et votre date de naissance y soient ceux que l’école connaît.
account-upstream-linked-lead = Vous ne pourrez plus vous connecter avec { $upstream }. Votre identifiant et votre mot de passe restent les mêmes.
account-upstream-last = { $upstream } est votre seul moyen de connexion. Pour ne plus l’utiliser, choisissez d’abord un mot de passe dans « Mes informations ».
account-password-present = Mot de passe actuel
account-password-wrong = Ce n’est pas votre mot de passe actuel. Vérifiez-le, puis réessayez

account-email-title = Modifier mon adresse mail
account-email-label = Email
account-email-confirm = Confirmer mon email
account-email-hint = Par exemple nom@exemple.fr
account-email-in-force = Votre adresse actuelle, { $address }, reste en service jusqu’à ce que la nouvelle soit confirmée.
account-email-new = Ma nouvelle adresse mail :
account-email-waiting-hint = Nous y avons envoyé un lien à ouvrir. S’il n’est pas arrivé, regardez dans les courriers indésirables, ou demandez-en un autre.
account-email-resend = Renvoyer un email de validation
account-email-other = Indiquer une autre adresse
account-email-invalid = Saisissez une adresse complète, par exemple nom@exemple.fr
account-email-differs = Saisissez deux fois la même adresse
account-email-unchanged = C’est déjà votre adresse, et elle est confirmée. Saisissez-en une autre, ou annulez
account-email-unconfirmed = email non confirmé
account-email-pending = une adresse email est en attente de confirmation
account-email-none = Aucune adresse mail

account-recap-title = Mise à jour de l’adresse mail
account-recap-lead = Confirmez la mise à jour de votre adresse mail.
account-recap-old = Ancienne adresse mail
account-recap-new = Nouvelle adresse mail
account-recap-none = Aucune

account-link-over-title = Ce lien ne sert plus
account-link-over = Il a déjà servi, il est trop ancien, ou un message plus récent l’a remplacé. Si votre adresse attend encore d’être confirmée, demandez un nouvel email de validation.
account-link-over-way = Voir mon adresse mail

account-undo-title = Annuler le changement d’adresse mail ?
account-undo-lead = Un changement d’adresse mail a été demandé pour l’identifiant { $identifier }. L’adresse { $address } peut l’annuler.
account-undo-what = Si vous annulez, { $address } sera la seule adresse du compte, et toutes les connexions seront fermées.
account-undo-submit = Annuler le changement
account-undone-title = Le changement est annulé
account-undone = { $address } est de nouveau l’adresse du compte { $identifier }, et toutes les connexions sont fermées.
account-undone-next = Si quelqu’un d’autre a demandé ce changement, il connaît sans doute votre mot de passe : connectez-vous et changez-le maintenant.
account-undone-sign-in = Me connecter

account-phone-heading = Téléphone portable
account-phone-title = Modifier mon numéro de portable
account-phone-label = N° de téléphone portable
account-phone-hint = Hors de France métropolitaine, commencez par l’indicatif du pays, par exemple +262 pour La Réunion.
account-phone-in-force = Votre numéro actuel, { $number }, reste en service jusqu’à ce que le nouveau soit confirmé.
account-phone-invalid = Saisissez un numéro complet, par exemple 06 12 34 56 78
account-phone-no-sms = Saisissez un numéro de portable : ce numéro ne peut pas recevoir nos SMS
account-phone-unchanged = C’est déjà votre numéro, et il est confirmé. Saisissez-en un autre, ou annulez
account-phone-unconfirmed = numéro non confirmé
account-phone-pending = un numéro est en attente de confirmation
account-phone-none = Aucun numéro de portable

account-code-title = Confirmer mon numéro de portable
account-code-lead = Nous avons envoyé un SMS au { $number }.
account-code-label = Code reçu par SMS
account-code-hint = Huit chiffres, valables 30 minutes
account-code-invalid = Saisissez les huit chiffres du code
account-code-wrong = Ce n’est pas le bon code. Essais restants : { $left }
account-code-over = Ce code ne sert plus. Demandez-en un nouveau avec « Renvoyer un code »
account-code-trouble = Le SMS n’arrive pas ?
account-code-trouble-text = Il peut mettre quelques minutes. Un nouveau code remplace le précédent.
account-code-resend = Renvoyer un code
account-code-other = Changer de numéro

account-no-way-back-title = Aucun moyen de retrouver votre compte
account-no-way-back = Sans contact confirmé, vous ne pourrez pas retrouver vous-même un identifiant ou un mot de passe perdu : il faudra passer par l’école ou l’établissement.
account-no-way-back-confirm = Ouvrez le lien que nous avons envoyé à votre adresse mail, ou demandez-en un autre avec « Modifier mon adresse mail ».
account-no-way-back-add = Ajoutez une adresse avec « Modifier mon adresse mail ».
account-phone-waits-title = Votre numéro de portable n’est pas confirmé
account-phone-waits = Il ne sert à rien tant que vous n’avez pas saisi le code reçu par SMS. Utilisez « Modifier mon numéro de portable » pour en recevoir un.

account-done-title = C’est fait
account-done-password-title = Votre mot de passe est changé
account-done-password = Les autres connexions à votre compte sont fermées. Vous restez connecté ici.
account-done-email-asked-title = Vérifiez vos emails !
account-done-email-asked = La modification de votre adresse de messagerie a bien été prise en compte. Un courriel de confirmation vient de vous être transmis à cette nouvelle adresse (*). Lisez-le attentivement et suivez les instructions.
account-done-email-asked-hint = (*) Si vous n’avez rien reçu, pensez à regarder dans vos courriers indésirables ou « spams ».
account-done-email-kept = Votre adresse mail ne change pas. Celle qui attendait d’être confirmée est oubliée.
account-done-email = Votre adresse mail est confirmée.
account-done-phone = Votre numéro de portable est confirmé.
account-done-phone-kept = Votre numéro de portable ne change pas. Celui qui attendait d’être confirmé est oublié.
account-done-language = Nos messages seront dans cette langue.
