## Vérification en deux étapes : à la connexion et dans « Mon compte ».

factor-title = Vérification en deux étapes
factor-continue = Continuer
factor-back-to-sign-in = Revenir à la connexion
factor-lead = Après votre mot de passe, une clé d’accès ou un code de votre téléphone est demandé à chaque connexion. Qui devine ou vole votre mot de passe n’entre pas.

factor-code = Code de vérification
factor-code-title = Code de vérification
factor-code-lead = Ouvrez votre application d’authentification et saisissez le code qu’elle montre.
factor-code-hint = Six chiffres, qui changent toutes les 30 secondes
factor-code-malformed = Saisissez les six chiffres du code
factor-code-wrong = Ce n’est pas le bon code, ou il a déjà servi. Attendez le suivant, puis saisissez-le
factor-code-lost-title = Vous n’avez pas votre appareil ?
factor-code-lost-text = Un code de secours remplace cette étape, une fois.
factor-use-recovery = Utiliser un code de secours

factor-recovery = Code de secours
factor-recovery-title = Code de secours
factor-recovery-lead = Saisissez l’un des codes que vous avez gardés quand vous avez choisi la vérification en deux étapes. Il ne servira plus ensuite.
factor-recovery-hint = Douze chiffres et lettres, par exemple 4f7k-2m9q-x3tb
factor-recovery-malformed = Saisissez les douze chiffres et lettres du code
factor-recovery-wrong = Ce n’est pas l’un de vos codes de secours, ou il a déjà servi. Vérifiez-le, ou saisissez-en un autre
factor-back-to-code = Revenir à l’étape d’avant
factor-recovery-none-title = Vous n’avez plus de code ?
factor-recovery-none-text = Votre école ou votre établissement peut vérifier qui vous êtes et faire retirer la vérification en deux étapes. Si vous y travaillez, demandez à l’administrateur du service.

factor-enrolment-title = Installer la vérification en deux étapes
factor-enrolment-lead = Il vous faut un téléphone ou un ordinateur avec une application d’authentification.
factor-enrolment-lead-staff = Votre compte donne accès aux données d’autres personnes : le mot de passe seul ne suffit pas.
factor-enrolment-by-passkey = Avec une clé d’accès
factor-enrolment-by-application = Avec une application d’authentification
factor-enrolment-install = Installez une application d’authentification, si vous n’en avez pas. Beaucoup de gestionnaires de mots de passe en font office.
factor-enrolment-scan = Dans l’application, ajoutez un compte et visez cette image.
factor-enrolment-qr = QR code à viser avec l’application ; la clé peut aussi être saisie à la main, ci-dessous
factor-enrolment-by-hand = Vous ne pouvez pas viser l’image ?
factor-enrolment-key = Saisissez cette clé dans l’application (compte fondé sur l’heure, six chiffres).
factor-enrolment-open = Ouvrir une application de cet appareil
factor-enrolment-type = Saisissez ici le code que l’application montre.
factor-enrolment-wrong = Ce n’est pas le code de cette clé. Vérifiez que l’heure de l’appareil est réglée automatiquement, puis saisissez le code suivant

factor-codes = Codes de secours
factor-codes-title = Vos codes de secours
factor-codes-lead = Chacun remplace une fois la clé d’accès ou le code de l’application, par exemple si vous perdez votre téléphone. Ils ne sont montrés que maintenant.
factor-codes-keep = Imprimez-les ou notez-les, et rangez-les en lieu sûr, pas avec votre mot de passe. Les codes montrés avant ne servent plus.
factor-codes-left = { $count ->
    [0] Aucun code restant
    [one] { $count } code restant
   *[other] { $count } codes restants
}
factor-codes-hint = Chacun remplace une fois la clé d’accès ou le code de l’application.
factor-codes-new = Obtenir de nouveaux codes
factor-codes-done = J’ai gardé mes codes

factor-application = Application d’authentification
factor-in-force = En service
factor-since = Installée le { $at }.
factor-used = Dernier code le { $at }.
factor-none = Aucune application. Sans clé ni application, votre mot de passe suffit pour entrer.
factor-add = Ajouter une application
factor-change = Changer d’application
factor-remove = Ne plus demander de code
factor-not-removable = Votre compte doit garder la vérification en deux étapes.
factor-added-title = La vérification en deux étapes est en service
factor-added = Une clé ou un code sera demandé après votre mot de passe. Les autres connexions à votre compte sont fermées.

account-factor-on = Une clé ou un code est demandé après le mot de passe
account-factor-off = Votre mot de passe suffit pour entrer
account-factor-manage = Gérer la vérification en deux étapes
account-done-factor-removed = Rien ne sera plus demandé après votre mot de passe. Les autres connexions à votre compte sont fermées.

factor-missing-title = Cette page demande la vérification en deux étapes
factor-missing-text = Elle donne accès aux données d’autres personnes, et votre compte n’a pas cette vérification. Ajoutez-la dans « Mon compte », puis revenez.
factor-ended-title = Votre vérification en deux étapes a été retirée
factor-ended-text = Votre compte doit en avoir une. Demandez à l’administrateur du service un lien pour l’installer de nouveau.

grouping-factor-lead = Le compte { $identifier } demande un code après le mot de passe. Saisissez celui que montre son application d’authentification.
grouping-factor-hint = Six chiffres, ou un code de secours de ce compte

invitation-title = Installer votre accès
invitation-lead = { $person }, votre identifiant est { $identifier }. Choisissez votre mot de passe.
invitation-next-title = Ensuite
invitation-next-text = Vous installerez la vérification en deux étapes : gardez votre téléphone à portée de main.
invitation-over-title = Ce lien ne sert plus
invitation-over-text = Il a déjà servi, il a plus d’un jour, ou un lien plus récent l’a remplacé. Demandez-en un autre à l’administrateur du service.
