//! Figures of several rounds.

use serde::Serialize;

/// What was measured in each round.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Series {
    rounds: Vec<f64>,
}

impl Series {
    /// Adds a round.
    pub(crate) fn push(&mut self, value: f64) {
        self.rounds.push(value);
    }

    /// The middle one; nothing where nothing was measured.
    pub(crate) fn median(&self) -> Option<f64> {
        let mut sorted = self.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            count if count % 2 == 1 => Some(sorted[middle]),
            _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        }
    }

    /// The distance of the farthest two rounds, as a part of the median.
    pub(crate) fn spread(&self) -> Option<f64> {
        let median = self.median()?;
        let least = self.rounds.iter().copied().min_by(f64::total_cmp)?;
        let most = self.rounds.iter().copied().max_by(f64::total_cmp)?;
        (median > 0.0).then(|| (most - least) / median)
    }

    /// Combines two series round by round, so that what weighed on the machine in one
    /// round weighs on both.
    pub(crate) fn with(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.rounds.iter().zip(&other.rounds);
        Self {
            rounds: pairs.map(|(one, other)| combine(*one, *other)).collect(),
        }
    }

    /// The ratio to another series, round by round.
    pub(crate) fn over(&self, other: &Self) -> Self {
        self.with(other, |one, other| one / other)
    }

    /// What doing one after the other allows: `1 / (1/a + 1/b)`.
    pub(crate) fn then(&self, other: &Self) -> Self {
        self.with(other, |one, other| 1.0 / (1.0 / one + 1.0 / other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(rounds: &[f64]) -> Series {
        Series {
            rounds: rounds.to_vec(),
        }
    }

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(series(&[9.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(series(&[4.0, 1.0, 2.0, 9.0]).median(), Some(3.0));
        assert_eq!(series(&[]).median(), None);
    }

    #[test]
    fn the_spread_is_told_as_a_part_of_the_median() {
        assert_eq!(series(&[8.0, 12.0, 10.0]).spread(), Some(0.4));
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let ours = series(&[50.0, 10.0, 90.0]);
        let ceiling = series(&[100.0, 20.0, 100.0]);
        assert_eq!(ours.over(&ceiling).median(), Some(0.5));
    }

    #[test]
    fn doing_two_things_costs_both() {
        let both = series(&[20.0]).then(&series(&[20.0]));
        assert_eq!(both.median(), Some(10.0));
    }
}
