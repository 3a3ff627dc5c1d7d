## Mon compte

account-title = Mon compte
account-name = Nom
account-identifier = Identifiant
account-to-portal = Ouvrir le portail de démonstration

## Nouveau mot de passe
new-password-label = Nouveau mot de passe
new-password-confirm = Confirmez votre mot de passe
new-password-confirm-mine = Confirmer mon mot de passe
new-password-hint = Au moins 12 caractères. Trois mots sans rapport entre eux font un bon mot de passe.
new-password-help = Besoin d’aide pour créer un mot de passe sécurisé ?
new-password-empty = Saisissez un nouveau mot de passe
new-password-too-short = Choisissez un mot de passe d’au moins 12 caractères, par exemple trois mots
new-password-too-long = Choisissez un mot de passe plus court : au plus 1000 caractères
new-password-common = Ce mot de passe est trop répandu. Choisissez-en un autre, par exemple trois mots sans rapport entre eux
new-password-personal = Ce mot de passe se devine avec votre nom, votre identifiant, votre école ou le nom de ce service. Ajoutez d’autres mots
new-password-differs = Saisissez deux fois le même mot de passe
strength-label = Force du mot de passe
strength-very-weak = Très faible
strength-weak = Faible
strength-fair = Moyen
strength-strong = Fort
strength-very-strong = Très Fort
