// The demo's people, as config/demo-people.json has them.
export const CLAIRE = { identifier: "c.martin1", password: "Cartable-bleu-2026", name: "Claire MARTIN" };
export const LEO = { identifier: "l.martin3", password: "Trousse-verte-2026", name: "Léo MARTIN" };
export const NADIA = { identifier: "n.dubois5", password: "Ardoise-rouge-2026", name: "Nadia DUBOIS" };
export const ADAM = { identifier: "a.dubois6", password: "Compas-jaune-2026", name: "Adam DUBOIS" };
export const LINA = { identifier: "l.dubois7", password: "Regle-grise-2026", name: "Lina DUBOIS" };
/** Never activated: her password is provisional. */
export const ZOE = { identifier: "z.martin4", password: "Prov-H3w8-t5Rn", name: "Zoé MARTIN" };
