## Contacter son établissement

schools-title = Je contacte mon établissement
schools-lead = L’école ou l’établissement retrouve votre identifiant et vous donne un nouveau mot de passe provisoire.
schools-town = Ville ou code UAI
schools-town-hint = Le début du nom de la ville suffit. Le code UAI a sept chiffres et une lettre, par exemple 0750002V
schools-name = Nom de l’école ou de l’établissement (facultatif)
schools-search = Rechercher
schools-found = { $count ->
    [0] Aucun résultat
    [one] 1 établissement
   *[other] { $count } établissements
}
schools-none = Vérifiez l’écriture de la ville, ou essayez avec les premières lettres seulement.
schools-more = La liste est trop longue pour être montrée en entier. Ajoutez le nom de l’école ou de l’établissement.
schools-no-contact = Cette école ne nous a pas donné de contact. Adressez-vous à son secrétariat.
schools-what-title = Que demander ?
schools-what-text = Demandez votre identifiant et un nouveau mot de passe provisoire, ou la confirmation de votre adresse email. Personne ne vous demandera votre mot de passe.
