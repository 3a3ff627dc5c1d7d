## Mon compte

account-title = Mon compte
account-lead = Vous êtes connecté avec le compte de { $person }.
account-name = Nom
account-identifier = Identifiant
account-to-portal = Ouvrir le portail de démonstration
