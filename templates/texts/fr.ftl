# Textes de Préau. Une clé par texte ; les mêmes clés dans en.ftl.
# Espaces insécables devant « : ; ? ! » et dans les guillemets : un test y veille.

## Cadre
product-name = Préau
title-error = Erreur :
skip-to-content = Aller au contenu
purpose = pour accéder à
footer-label = Informations et langue
help-link = Aide
accessibility-link = Accessibilité : { $level ->
    [full] totalement conforme
    [partial] partiellement conforme
   *[none] non conforme
}
try-again = Réessayer

## Champs
error-summary-title = Il y a un problème
password-show = Afficher
password-hide = Masquer
password-shown = Le mot de passe est affiché.
password-hidden = Le mot de passe est masqué.

## Connexion
sign-in-title = Je me connecte
sign-in-lead = Avec l’identifiant et le mot de passe de votre compte scolaire.
sign-in-identifier = Identifiant
sign-in-identifier-hint = Par exemple c.martin1
sign-in-password = Mot de passe
sign-in-submit = Se connecter
sign-in-identifier-empty = Saisissez votre identifiant
sign-in-password-empty = Saisissez votre mot de passe
sign-in-refused = L’identifiant ou le mot de passe n’est pas le bon. Vérifiez-les, puis réessayez
sign-in-no-identifier = Je n’ai pas encore d’identifiant
sign-in-lost-identifier = Identifiant perdu
sign-in-lost-password = Mot de passe perdu
sign-in-or = OU

## Erreurs
error-not-found-title = Cette page n’existe pas
error-not-found-text = L’adresse est incomplète, ou la page a été déplacée. Retournez au service que vous vouliez utiliser et recommencez.
error-too-many-title = Patientez un instant
error-too-many-text = Il y a eu beaucoup d’essais. Pour protéger les comptes, il faut attendre un peu avant le suivant.
error-busy-title = Beaucoup de monde en ce moment
error-busy-text = Le service reçoit trop de demandes à la fois. Rien n’est perdu, il suffit de recommencer un peu plus tard.
error-retry-after = { $seconds ->
    [one] Réessayez dans 1 seconde.
   *[other] Réessayez dans { $seconds } secondes.
}
error-form-expired-title = Cette page a trop attendu
error-form-expired-text = Pour votre sécurité, ce que vous avez saisi n’a pas été pris en compte. Rouvrez la page et recommencez.
error-no-cookies-title = Votre navigateur refuse les cookies
error-no-cookies-text = Un cookie est nécessaire pour vous connecter. Autorisez les cookies pour ce site dans les réglages du navigateur, puis réessayez.
error-bad-request-title = Cette demande n’est pas valable
error-bad-request-text = Ce que le navigateur a envoyé n’est pas complet ou pas lisible. Retournez au service que vous vouliez utiliser et recommencez.
error-internal-title = Le service rencontre un problème
error-internal-text = Ce n’est pas votre faute, et l’équipe technique est prévenue. Réessayez dans quelques minutes.
error-help-title = Le problème continue ?
error-help-text = Contactez votre école ou votre établissement, et donnez ce code :
error-code = Code
error-detail = Détail technique

## Retour vers le service
form-post-title = Retour vers votre service
form-post-text = Si rien ne se passe, utilisez le bouton.
form-post-submit = Continuer

## Aide
help-title = Aide
help-lead = Les réponses aux questions les plus fréquentes. Pour tout le reste, votre école ou votre établissement peut vous aider.
help-search = Chercher dans l’aide
help-search-submit = Chercher
help-found = { $count ->
    [0] Aucune réponse trouvée.
    [one] Une réponse trouvée.
   *[other] { $count } réponses trouvées.
}
help-all = Voir toutes les questions
help-school-title = Contacter l’école
help-school-text = Le secrétariat de l’école ou de l’établissement connaît votre dossier et peut vérifier qui vous êtes. Aucun agent ne vous demandera votre mot de passe.

## Accessibilité
statement-title = Accessibilité
statement-operator = { $operator } s’engage à rendre ce service accessible à tous, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005. Cette déclaration concerne les pages de connexion et de compte de ce site.
statement-no-operator = L’exploitant de ce service s’engage à le rendre accessible à tous, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005. Cette déclaration concerne les pages de connexion et de compte de ce site.
statement-state-title = État de conformité
statement-state = { $level ->
    [full] Ce site est totalement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.
    [partial] Ce site est partiellement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.
   *[none] Ce site n’est pas conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1, ou sa conformité n’a pas encore été vérifiée.
}
statement-audit-title = Résultats des tests
statement-rate = { $rate } % des critères du RGAA sont respectés.
statement-audit = Audit réalisé le { $day } par { $auditor }.
statement-auditor-own = l’exploitant
statement-no-audit = Aucun audit n’a encore été réalisé.
statement-shortcomings-title = Contenus non accessibles
statement-how-title = Comment ces pages sont faites
statement-how = Elles fonctionnent sans JavaScript, au clavier, avec un lecteur d’écran, et jusqu’à 400 % de zoom. Elles suivent les couleurs claires ou sombres de votre appareil.
statement-contact-title = Retour d’information et contact
statement-contact = Si vous ne pouvez pas accéder à un contenu ou à une démarche, écrivez à l’exploitant ou adressez-vous à votre école : on vous orientera vers une solution accessible.
statement-appeal-title = Voies de recours
statement-appeal = Si vous avez signalé un défaut d’accessibilité et que vous n’avez pas obtenu de réponse satisfaisante, vous pouvez saisir le Défenseur des droits :
statement-appeal-form = par son formulaire en ligne
statement-appeal-phone = par téléphone au 09 69 39 00 00
statement-appeal-post = par courrier gratuit, sans timbre : Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07

## Aide : mot de passe
password-help-title = Créer un mot de passe sécurisé
password-help-lead = Un bon mot de passe est long, facile à retenir pour vous, et difficile à deviner même pour ceux qui vous connaissent.
password-help-words-title = Trois mots ou plus
password-help-words-text = Choisissez au hasard au moins trois mots sans rapport entre eux. Les espaces, les accents et les tirets sont permis.
password-help-words-example = Par exemple : girafe, violon et couloir donnent « girafe violon couloir ». N’utilisez pas cet exemple, inventez le vôtre.
password-help-refused-title = Ce qui est refusé
password-help-refused-short = Un mot de passe de moins de 12 caractères.
password-help-refused-common = Un mot de passe parmi les plus répandus, même suivi de chiffres : « motdepasse2026 » est essayé en premier.
password-help-refused-personal = Un mot de passe fait de vos noms, de votre identifiant, du nom de votre école ou de { $product }.
password-help-keep-title = Le garder
password-help-keep-once = Utilisez-le pour ce compte seulement.
password-help-keep-manager = Un gestionnaire de mots de passe, comme celui de votre navigateur ou de votre téléphone, peut l’inventer et le retenir. Sur papier, rangez-le chez vous.
password-help-keep-secret = Ne le donnez à personne. Personne de l’école ne vous le demandera.
