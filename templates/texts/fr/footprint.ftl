## Ce qu’un compte laisse derrière lui : connexions, services, historique, données, langue.

footprint-title = Ma vie privée et ma sécurité
footprint-back = Revenir à mon compte

footprint-sessions-title = Mes connexions et mes appareils
footprint-sessions-lead = Voici où votre compte est connecté en ce moment.
footprint-sessions-device = { $browser } sur { $system }
footprint-sessions-unknown = Appareil inconnu
footprint-sessions-this = C’est cet appareil
footprint-sessions-began = Connecté le { $at }
footprint-sessions-seen = Vu pour la dernière fois le { $at }
footprint-sessions-network = Depuis le réseau { $network }
footprint-sessions-end = Fermer cette connexion
footprint-sessions-end-others = Fermer toutes les autres connexions

footprint-services-title = Les services que j’utilise
footprint-services-lead = Voici les services qui vous connaissent par ce compte, et ce que chacun peut lire.
footprint-services-gives = Ce service peut lire :
footprint-services-long = Peut relire ces informations même quand vous êtes déconnecté
footprint-services-now = Connecté en ce moment
footprint-services-withdraw = Retirer l’accès
footprint-services-withdraw-from = Retirer l’accès à { $service }
footprint-services-asks = Ce service devra vous redemander votre accord.
footprint-services-first-party = Ce service de l’école pourra relire ces informations quand vous vous y connecterez de nouveau.
footprint-services-none = Aucun service n’a d’accès en ce moment.

footprint-history-title = L’historique de mon compte
footprint-history-lead = Ce qui s’est passé depuis un an, le plus récent d’abord (au plus 300 lignes).
footprint-history-network = depuis le réseau { $network }
footprint-history-other = par l’école ou par le service
footprint-history-none = Rien pour le moment.
footprint-history-doubt = Vous ne reconnaissez pas quelque chose ?
footprint-history-doubt-text = Changez votre mot de passe : toutes les autres connexions seront fermées. Puis parlez-en à votre école ou à votre établissement.

footprint-data-link = Télécharger mes données (fichier JSON)

footprint-language-title = Langue des messages
footprint-language-submit = Choisir cette langue

history-account-created = Le compte a été créé
history-account-updated = L’école a mis à jour le compte
history-signed-in = Connexion
history-signed-out = Déconnexion
history-sign-in-slowed = Plusieurs essais de connexion ont échoué
history-upstream-refused = Une connexion par un autre fournisseur d’identité a été refusée
history-upstream-matched = Votre identité a été reconnue par un autre fournisseur, pour activer ce compte
history-upstream-bound = Ce compte s’ouvre désormais aussi par un autre fournisseur d’identité
history-upstream-unbound = Ce compte ne s’ouvre plus par cet autre fournisseur d’identité
history-upstream-changed = L’identité donnée par un autre fournisseur a changé
history-link-added = Un lien entre un élève et son responsable a été ajouté
history-link-ended = Un lien entre un élève et son responsable a pris fin
history-consent-given = Accord donné à un service
history-consent-withdrawn = Accès retiré à un service
history-grant-revoked = L’accès d’un service a pris fin
history-account-activated = Le compte a été activé
history-provisional-ended = Le mot de passe provisoire a pris fin
history-birth-date-refused = Une date de naissance a été refusée à l’activation
history-password-changed = Le mot de passe a été changé
history-password-recovered = Un nouveau mot de passe a été choisi après un oubli
history-recovery-sent = Un message a été envoyé pour retrouver l’identifiant ou le mot de passe
history-contact-proposed = Une nouvelle adresse ou un nouveau numéro a été indiqué
history-contact-confirmed = Une adresse ou un numéro a été confirmé
history-contact-cancelled = Un changement d’adresse ou de numéro a été annulé
history-change-disavowed = Un changement a été annulé avec « Ce n’est pas moi »
history-sessions-ended = D’autres connexions ont été fermées
history-link-reported = Un lien avec un élève a été signalé
history-link-report-kept = Le signalement d’un lien a été maintenu
history-link-restored = Un lien signalé a été rétabli
history-accounts-grouped = Des comptes ont été regroupés
history-data-exported = Les données du compte ont été téléchargées
history-language-changed = La langue des messages a été changée
history-appointment-made = Un rôle dans la console vous a été donné
history-appointment-ended = Un rôle dans la console vous a été retiré
history-second-factor-added = La vérification en deux étapes a été installée
history-second-factor-removed = La vérification en deux étapes a été retirée
history-recovery-codes-made = De nouveaux codes de secours ont été faits
history-recovery-code-used = Un code de secours a servi à une connexion
history-second-factor-slowed = Le mot de passe a été saisi, puis plusieurs mauvais codes de vérification
history-invitation-made = Un lien pour installer l’accès au compte a été donné
history-invitation-used = Le lien pour installer l’accès au compte a servi
history-passkey-added = Une clé d’accès a été ajoutée
history-passkey-removed = Une clé d’accès a été retirée
