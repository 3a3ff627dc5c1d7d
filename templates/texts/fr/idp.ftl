## Le fournisseur d’identité : étapes d’une connexion, erreurs, déconnexion.
## Tout est avec espaces insécables devant « : ; ? ! ».

idp-expired-title = Cette connexion n’est plus valable
idp-expired-text = Elle a été commencée il y a trop longtemps. Retournez au service que vous vouliez utiliser et recommencez.
idp-ended-title = Vous avez déjà terminé cette connexion
idp-ended-text = Cette page ne sert qu’une fois. Retournez à { $service } : si vous êtes connecté, vous n’aurez rien à saisir.
idp-other-browser-title = Cette connexion a été commencée ailleurs
idp-other-browser-text = Elle a été ouverte dans un autre navigateur, ou celui-ci a perdu son cookie. Retournez à { $service } et recommencez dans ce navigateur.
idp-service-gone-title = Ce service n’est plus ouvert
idp-service-gone-text = Il a été fermé pendant votre connexion. Contactez l’école ou l’établissement qui vous l’a proposé.
idp-unproven-title = Ce service est mal réglé
idp-unproven-text = Il vous a envoyé ici avec une demande que nous ne pouvons pas vérifier. Rien n’a été transmis. Signalez-le à la personne ou à l’école qui vous a proposé ce service.
idp-back-to-service = Retourner à { $service }
idp-to-account = Aller à mon compte
idp-other-account = Utiliser un autre compte
idp-leave = Retourner au service

idp-wrong-person-title = Ce service attend un autre compte
idp-wrong-school-text = { $service } est réservé à certains établissements, et aucun des vôtres n’en fait partie. Si vous pensez que c’est une erreur, adressez-vous à votre établissement.
idp-consent-purpose = Pourquoi : { $purpose }
idp-consent-unverified-title = Service non vérifié
idp-consent-unverified-text = Personne n’a contrôlé ce service : le nom qu’il affiche est celui qu’il s’est donné. Vérifiez l’adresse du site avant de continuer.
idp-consent-test = Ce service est en cours d’essai.
idp-wrong-person-text = Vous êtes connecté avec un compte que { $service } n’accueille pas. Ce service est pour :
idp-kind-pupil = les élèves
idp-kind-guardian = les responsables légaux
idp-kind-officer = les directeurs et chefs d’établissement
idp-kind-administrator = les administrateurs

idp-under-age-title = Ce service demande l’accord d’un adulte
idp-under-age-text = { $service } ne peut pas connecter les élèves de moins de 15 ans.
idp-under-age-help = Parlez-en à votre responsable légal ou à votre professeur.

idp-consent-title = Autoriser { $service } ?
idp-consent-lead = Vous êtes connecté avec le compte de { $person }.
idp-consent-host = Ce service est à l’adresse { $host }.
idp-consent-given = Ce service recevra
idp-scope-openid = un numéro qui vous désigne, propre à ce service
idp-scope-profile = votre nom, votre prénom et votre date de naissance
idp-scope-email = votre adresse mail
idp-scope-phone = votre numéro de téléphone
idp-scope-address = votre adresse postale
idp-scope-family = les élèves que vous représentez, ou vos responsables légaux, et les établissements
idp-consent-long-title = Pour longtemps
idp-consent-long-text = Ce service pourra relire ces informations sans vous, même quand vous serez déconnecté.
idp-consent-allow = Autoriser
idp-consent-deny = Refuser
idp-consent-more = Bon à savoir
idp-consent-memory = Votre accord est gardé : la question ne sera reposée que si le service demande autre chose.
idp-consent-policy = Ce que ce service fait de vos données
idp-consent-terms = Conditions d’utilisation de ce service
idp-consent-not-you = Vous n’êtes pas { $person } ?

idp-sign-out-title = Se déconnecter ?
idp-sign-out-text = Vous êtes connecté avec le compte de { $person }. La déconnexion vaut pour tous les services.
idp-sign-out-submit = Se déconnecter
idp-sign-out-stay = Rester connecté
idp-signed-out-title = Vous êtes déconnecté
idp-signed-out-done = C’est fait
idp-signed-out-text = Sur un ordinateur partagé, fermez aussi le navigateur.
idp-other-account-title = Ce lien est pour un autre compte
idp-other-account-text = Vous êtes connecté avec un autre compte que celui pour lequel ce lien a été envoyé. Connectez-vous avec ce compte-là pour continuer.
