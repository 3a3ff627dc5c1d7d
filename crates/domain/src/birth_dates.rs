//! Birth dates as a proof of who somebody is: a pupil's own, or those of the pupils whom
//! a guardian represents (product.md, Activation).

use jiff::civil::Date;

use crate::ids::AccountId;

/// A pupil whose birth date is asked for. Where no school knows it, no date is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pupil {
    /// The pupil's account.
    pub account: AccountId,
    /// The date that the schools know.
    pub birth_date: Option<Date>,
}

/// Whether a date is that of any one of the pupils.
pub fn fits_any(pupils: &[Pupil], typed: Date) -> bool {
    pupils.iter().any(|pupil| pupil.birth_date == Some(typed))
}

/// What is left when each date has found its pupil, in any order: nothing of either where
/// all were right. Twins need their date twice.
pub fn left_over(pupils: &[Pupil], typed: &[Date]) -> (Vec<Pupil>, Vec<Date>) {
    let mut pupils = pupils.to_vec();
    let mut dates = Vec::new();
    for date in typed {
        let fits = |pupil: &Pupil| pupil.birth_date == Some(*date);
        match pupils.iter().position(fits) {
            Some(found) => {
                pupils.remove(found);
            }
            None => dates.push(*date),
        }
    }
    (pupils, dates)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::ambient::Ambient;

    const ZOE: Date = date(2014, 1, 4);
    const LEO: Date = date(2010, 4, 11);
    const OTHER: Date = date(2012, 9, 23);

    fn pupils(dates: &[Option<Date>]) -> Vec<Pupil> {
        let pupil = |birth_date: &Option<Date>| Pupil {
            account: AccountId::new(&Ambient::system()),
            birth_date: *birth_date,
        };
        dates.iter().map(pupil).collect()
    }

    #[test]
    fn any_one_date_will_do_but_not_of_nobody() {
        let two = pupils(&[Some(ZOE), Some(LEO)]);
        assert!(fits_any(&two, ZOE) && fits_any(&two, LEO));
        assert!(!fits_any(&two, OTHER));
        assert!(!fits_any(&[], ZOE));
        assert!(!fits_any(&pupils(&[None]), ZOE));
    }

    #[test]
    fn all_dates_are_right_in_any_order_and_each_counts_once() {
        let two = pupils(&[Some(ZOE), Some(LEO)]);
        assert_eq!(left_over(&two, &[LEO, ZOE]), (vec![], vec![]));
        assert_eq!(left_over(&two, &[LEO, LEO]), (vec![two[0]], vec![LEO]));
        assert_eq!(left_over(&two, &[LEO]), (vec![two[0]], vec![]));
        let twins = pupils(&[Some(ZOE), Some(ZOE)]);
        assert_eq!(left_over(&twins, &[ZOE, ZOE]), (vec![], vec![]));
        assert_eq!(left_over(&twins, &[ZOE, LEO]), (vec![twins[1]], vec![LEO]));
        let unknown = pupils(&[None]);
        assert_eq!(left_over(&unknown, &[ZOE]), (unknown.clone(), vec![ZOE]));
    }
}
