## « Mon compte », onglet « Mes enfants » (guide, 4.4.4 et 4.4.5), et la question qui suit un signalement.

children-title = Mes enfants
children-add = Ajouter des élèves depuis un autre compte
children-born = Date de naissance :
children-schools = { $count ->
    [one] Établissement
   *[other] Établissements
}
children-others = Autres responsables
children-others-none = Aucun autre responsable connu
children-report = Je ne suis pas le représentant légal de cet élève
children-none-title = Aucun élève dans ce compte
children-none-text = Aucune école, aucun établissement ne vous a encore déclaré comme représentant légal d’un élève avec ce compte.
children-none-help = Si l’école vous a donné un autre identifiant, ajoutez les élèves depuis cet autre compte. Sinon, adressez-vous à l’école ou à l’établissement.
children-missing-title = Il manque un enfant ?
children-missing-text = L’école ou l’établissement qui ne vous reconnaît pas sous ce compte vous a donné un autre identifiant : ajoutez les élèves depuis cet autre compte. Si vous ne l’avez pas, demandez-le à l’école, avec un mot de passe provisoire.
children-grouped-title = Vos comptes sont regroupés
children-grouped-text = Les élèves de l’autre compte sont maintenant ici. Un message le confirme à vos adresses et numéros confirmés.
children-reported-title = Votre signalement est pris en compte
children-reported-text = L’élève n’est plus dans votre compte, et les services ne voient plus ce lien. À votre prochaine connexion, nous vous demanderons une fois de confirmer.
children-confirm = Confirmer
children-cancel = Annuler
children-back = Retour à mes enfants

grouping-search-title = Recherchez le compte
grouping-search-lead = Saisissez l’identifiant et le mot de passe du compte où sont les élèves à ajouter.
grouping-search-lead-ways = Prouvez que le compte où sont les élèves à ajouter est aussi le vôtre.
grouping-rule-names = Le nom et le prénom des deux comptes doivent être identiques : { $person }.
grouping-rule-kept = Vous gardez le compte avec lequel vous êtes connecté, { $identifier }. Si vous préférez garder l’autre, connectez-vous avec lui et recommencez depuis là.
grouping-by-upstream = L’autre compte n’a pas de mot de passe
grouping-by-password = L’autre compte a un mot de passe
grouping-identifier-hint = Celui de l’autre compte
grouping-password-hint = Le mot de passe provisoire donné par l’école, ou celui que vous avez choisi pour l’autre compte
grouping-identifier-empty = Saisissez l’identifiant de l’autre compte
grouping-password-empty = Saisissez le mot de passe de l’autre compte
grouping-continue = Continuer
grouping-letter-title = Vous n’avez pas l’identifiant de l’autre compte ?
grouping-letter-text = Demandez à l’école ou à l’établissement de l’enfant qui manque l’identifiant et un mot de passe provisoire pour ce compte.
grouping-own-account = C’est le compte avec lequel vous êtes déjà connecté : saisissez l’identifiant de l’autre compte
grouping-not-a-guardian = Ce compte n’est pas celui d’un responsable légal : seuls les comptes d’un même responsable peuvent être regroupés
grouping-other-names = Le nom ou le prénom de ce compte n’est pas le même que le vôtre : demandez à l’école de les corriger, puis recommencez

grouping-title = Regrouper ces deux comptes ?
grouping-kept = Compte que vous gardez
grouping-merged = Compte qui sera regroupé
grouping-pupils = { $count ->
    [one] Cet élève sera ajouté à votre compte
   *[other] Ces élèves seront ajoutés à votre compte
}
grouping-no-pupils = Aucun nouvel élève ne sera ajouté à votre compte.
grouping-effects = Ce qui change
grouping-effect-identifier = L’identifiant { $merged } ne servira plus à se connecter : utilisez { $kept }.
grouping-effect-contacts = L’adresse email et le numéro de portable de l’autre compte sont effacés. Les vôtres restent.
grouping-effect-services = Les services qui connaissaient l’autre compte vous connaîtront sous celui-ci. Les accords donnés avec l’autre compte prennent fin.
grouping-over-title = Ce regroupement n’est plus possible
grouping-over-text = Il a déjà été fait, il a attendu plus de 15 minutes, ou l’un des deux comptes a changé depuis. Rien d’autre n’a été modifié.
grouping-over-again = Rechercher de nouveau le compte

report-title = Signaler que vous n’êtes pas le représentant légal de { $child } ?
report-lead = Faites-le si l’école s’est trompée, ou si vous n’avez plus l’autorité parentale. Voici ce qui se passe aussitôt.
report-effect-account = { $child } disparaît de votre compte.
report-effect-services = Les portails et les services ne voient plus ce lien.
report-effect-school = L’école ou l’établissement voit votre signalement.
report-effect-back = En cas d’erreur, vous pourrez rétablir le lien à votre prochaine connexion.
report-only-title = Ce signalement n’est pas possible ici
report-only-text = { $child } est le seul élève de votre compte. Quand il n’y a qu’un seul lien entre un responsable et un élève, le signalement ne peut pas être pris en compte.
report-only-help = Adressez-vous à l’école ou à l’établissement, qui corrige son fichier.

verify-children-title = Vérifiez vos enfants
verify-children-lead = Vous avez signalé que vous n’êtes pas le représentant légal de { $pupil }.
verify-children-upheld = { $school } a répondu : le lien est exact selon ses dossiers.
verify-children-question = Est-ce toujours le cas ?
verify-children-restore-means = C’était une erreur : { $pupil } revient dans votre compte et dans les services.
verify-children-keep-means = C’est toujours vrai : { $pupil } reste hors de votre compte.
verify-children-restore = Rétablir le lien
verify-children-keep = Maintenir le signalement
verify-children-once-title = Bon à savoir
verify-children-once = Cette question est posée une fois, puis une fois encore quand une école ou un établissement répond que le lien est exact. Ensuite, adressez-vous à l’école ou à l’établissement.
