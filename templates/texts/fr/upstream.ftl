## S’identifier par un autre fournisseur : FranceConnect.
## Tout est avec espaces insécables devant « : ; ? ! ».

sign-in-with = S’identifier avec { $upstream }
sign-in-about = Qu’est-ce que { $upstream } ?
sign-in-about-window = Qu’est-ce que { $upstream } ? - nouvelle fenêtre
sign-in-again-upstream = Pour continuer, identifiez-vous de nouveau. Votre compte ({ $identifier }) n’a pas de mot de passe.
sign-in-other-ways = S’identifier sans mot de passe scolaire

idp-upstream-back = Retourner à la connexion
idp-upstream-unreachable-title = { $upstream } ne répond pas
idp-upstream-unreachable-text = Réessayez dans quelques minutes, ou connectez-vous avec votre identifiant et votre mot de passe.
idp-upstream-cancelled-title = Vous avez quitté { $upstream }
idp-upstream-cancelled-text = Personne n’a été connecté. Vous pouvez recommencer, ou vous connecter avec votre identifiant et votre mot de passe.
idp-upstream-failed-title = { $upstream } n’a pas pu nous dire qui vous êtes
idp-upstream-failed-text = Personne n’a été connecté. Recommencez, ou connectez-vous avec votre identifiant et votre mot de passe.
idp-upstream-nobody-title = Nous n’avons pas pu vous connecter avec { $upstream }
idp-upstream-nobody-text = Connectez-vous avec votre identifiant et votre mot de passe. Si vous n’en avez pas, adressez-vous à l’école ou à l’établissement de votre enfant, qui vérifiera votre nom, votre prénom et votre date de naissance.
idp-upstream-lost-title = Ce passage par { $upstream } n’est plus valable
idp-upstream-lost-text = Il a été commencé il y a trop longtemps, ou dans un autre navigateur, ou il a déjà servi. Retournez au service que vous vouliez utiliser et recommencez.
idp-upstream-not-theirs-title = Ce compte n’a pas été lié à { $upstream }
idp-upstream-not-theirs-text = L’identité donnée par { $upstream } n’est pas celle que l’école connaît pour ce compte, ou elle ouvre déjà un autre compte. Si elle ouvre un autre compte qui est à vous, regroupez les deux comptes dans « Mes enfants ».
idp-upstream-not-proven-title = { $upstream } n’ouvre aucun compte à regrouper avec celui-ci
idp-upstream-not-proven-text = L’autre compte doit s’ouvrir avec { $upstream }, être celui d’un responsable et porter le même nom et le même prénom que le vôtre ; s’il demande un code de vérification, connectez-vous avec lui et recommencez depuis là. Rien n’a été modifié. Vous pouvez aussi saisir l’identifiant et le mot de passe de l’autre compte.
idp-upstream-bind = J’ai déjà un compte : recevoir un code pour le relier
