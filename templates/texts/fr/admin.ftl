## Console

admin-title = Console
admin-home-title = Accueil de la console
admin-home-administrator = Vous administrez ce service.
admin-home-auditor = Vous pouvez lire les inscriptions des services et le journal.
admin-home-schools = Vos établissements
admin-to-account = Mon compte
admin-to-console = Revenir à la console
admin-not-for-you-title = Cette console n’est pas pour vous
admin-not-for-you-text = Elle est réservée aux personnes que l’administration a désignées : directeurs, chefs d’établissement, référents, administrateurs. Votre compte, lui, est ouvert.
admin-not-allowed-title = Vous n’avez pas ce droit
admin-not-allowed-text = Cette page demande un droit que votre rôle ne donne pas. Adressez-vous à un administrateur.
