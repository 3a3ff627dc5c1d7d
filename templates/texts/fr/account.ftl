## « Mon compte », onglet « Mes informations » (guide, 4.4.1 à 4.4.3).

account-tab-informations = Mes informations
account-tab-children = Mes enfants
