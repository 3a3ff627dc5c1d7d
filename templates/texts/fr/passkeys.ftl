## Clés d’accès : pour entrer, comme seconde vérification, et dans « Mon compte ».

passkey-sign-in = Se connecter avec une clé d’accès
passkey-use = Utiliser ma clé d’accès
passkey-use-other = Utiliser une clé de ce compte
passkey-make = Créer la clé d’accès
passkey-name = Nom de la clé
passkey-name-hint = Pour la reconnaître parmi les autres, par exemple « Mon téléphone »
passkey-name-wrong = Donnez à la clé un nom de 40 signes au plus
passkey-cancelled = Rien n’a été fait : la demande a été annulée, ou cet appareil n’a pas de clé qui convienne. Vous pouvez recommencer.
passkey-known = Cet appareil a déjà une clé de ce compte.
passkey-failed = L’appareil n’a pas pu répondre. Vous pouvez recommencer.
passkey-refused = Cette clé d’accès n’ouvre pas de compte ici, ou la demande a pris plus de cinq minutes. Recommencez, ou entrez autrement
passkey-not-made = La clé n’a pas été ajoutée : elle l’est déjà, ou la demande a pris plus de cinq minutes. Recommencez
passkey-full = Votre compte a déjà toutes les clés qu’il peut avoir. Retirez-en une d’abord
passkey-second-lead = Votre téléphone ou votre ordinateur vous reconnaît, par votre doigt, votre visage ou son code.
passkey-second-missing = Votre compte demande une clé d’accès après le mot de passe, et ce navigateur ne peut pas s’en servir. Essayez avec un autre appareil, ou utilisez un code de secours.
passkey-enrolment-lead = Le plus simple et le plus sûr : votre ordinateur ou votre téléphone vous reconnaît, par votre doigt, votre visage ou son code. La clé suffira ensuite pour entrer, sans mot de passe.

passkeys-title = Clés d’accès
passkeys-lead = Avec une clé d’accès, vous entrez sans identifiant ni mot de passe : votre téléphone ou votre ordinateur vous reconnaît, par votre doigt, votre visage ou son code.
passkeys-since = Ajoutée le { $at }
passkeys-used = Dernière utilisation le { $at }
passkeys-unused = Pas encore utilisée
passkeys-remove = Retirer
passkeys-add = Ajouter une clé d’accès
passkeys-add-other = Ajouter une autre clé d’accès
passkeys-add-hint = Sur un appareil à vous, pas sur un ordinateur que d’autres utilisent.
passkeys-full = Votre compte a déjà { $most } clés, et ne peut pas en avoir davantage.
passkeys-without = Ce navigateur ne permet pas d’ajouter une clé d’accès. Essayez avec un autre navigateur ou un autre appareil, sans y bloquer JavaScript.
passkeys-password-title = Votre mot de passe
passkeys-password-text = Il suffit toujours pour entrer, sauf si vous avez choisi la vérification en deux étapes.

passkey-removal-title = Retirer « { $name } »
passkey-removal-lead = Cette clé n’ouvrira plus votre compte. Les autres connexions à votre compte seront fermées.
passkey-removal-last = C’est la dernière : aucune clé ne sera plus demandée après votre mot de passe.
passkey-removal-device = Elle reste aussi sur l’appareil, où vous pouvez l’effacer dans les réglages des mots de passe.
passkey-removal-last-factor = Votre compte doit garder la vérification en deux étapes, et il n’a que cette clé. Ajoutez d’abord une autre clé, ou une application d’authentification.
passkey-removal-last-way-in = Cette clé est la seule façon d’entrer dans votre compte. Ajoutez d’abord une autre clé, ou choisissez un mot de passe.
passkey-removal-submit = Retirer la clé

factor-passkeys-asked = Une clé est demandée après votre mot de passe
factor-passkeys-none = Aucune clé. Une clé d’accès peut être demandée après votre mot de passe, à la place d’un code.
factor-passkeys-not-asked = Vos clés ouvrent votre compte, mais votre mot de passe suffit aussi.
factor-passkeys-beside = À la place du code de l’application, vous pouvez utiliser une clé.
factor-passkeys-ask = Demander aussi une clé après le mot de passe
factor-passkeys-stop = Ne plus demander de clé
factor-none-needed = Aucune application.

account-passkeys = { $count ->
    [0] Aucune. Une clé d’accès évite de retenir un mot de passe.
    [one] { $count } clé
   *[other] { $count } clés
}
account-passkeys-manage = Gérer les clés d’accès
account-done-passkey-added-title = La clé d’accès est ajoutée
account-done-passkey-added = La prochaine fois, choisissez « Se connecter avec une clé d’accès ».
account-done-passkey-removed = La clé d’accès est retirée. Les autres connexions à votre compte sont fermées.
account-done-application-removed = L’application est retirée ; vos clés d’accès restent demandées. Les autres connexions à votre compte sont fermées.

grouping-passkey-lead = Le compte { $identifier } demande une seconde vérification. Utilisez une de ses clés d’accès.
grouping-recovery-lead = Saisissez un code de secours du compte { $identifier }. Sans clé ni code, votre école ou votre établissement peut regrouper les comptes pour vous.
