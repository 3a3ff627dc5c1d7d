//! How many tests passed and failed, from the runners' own closing lines.

use std::fmt;
use std::ops::AddAssign;

/// Tests that passed and failed. What a runner ignored or skipped is neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that ran and passed.
    pub(crate) passed: u64,
    /// Tests that ran and failed.
    pub(crate) failed: u64,
}

impl Tally {
    /// What this line of output adds: `test result: …` of cargo's runner, `pass N` and
    /// `fail N` of node's, whichever sign its reporter puts before, or pytest's
    /// `N failed, N passed in … s`.
    pub(crate) fn of_line(line: &str) -> Self {
        if let Some(result) = line.strip_prefix("test result: ") {
            return Self {
                passed: before(result, " passed"),
                failed: before(result, " failed"),
            };
        }
        if let Some(counts) = pytest_counts(line) {
            return counts;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["ℹ" | "#", "pass", number] => Self {
                passed: number.parse().unwrap_or(0),
                failed: 0,
            },
            ["ℹ" | "#", "fail", number] => Self {
                passed: 0,
                failed: number.parse().unwrap_or(0),
            },
            _ => Self::default(),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// pytest closes with counts, separated by commas, and the time: `1 failed, 9 passed in 3.21s`.
fn pytest_counts(line: &str) -> Option<Tally> {
    let (counts, time) = line.split_once(" in ")?;
    let is_time = time
        .split(' ')
        .next()?
        .strip_suffix('s')?
        .parse::<f64>()
        .is_ok();
    let mut tally = Tally::default();
    for count in counts.split(", ") {
        let (number, word) = count.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match word {
            "passed" => tally.passed = number,
            "failed" | "error" | "errors" => tally.failed += number,
            "skipped" | "warning" | "warnings" | "deselected" | "xfailed" => {}
            _ => return None,
        }
    }
    is_time.then_some(tally)
}

/// The number that stands just before `word`.
fn before(text: &str, word: &str) -> u64 {
    text.split_once(word)
        .and_then(|(head, _)| head.rsplit(' ').next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(output: &str) -> Tally {
        let mut tally = Tally::default();
        output
            .lines()
            .for_each(|line| tally += Tally::of_line(line));
        tally
    }

    #[test]
    fn cargo_closes_on_one_line_for_each_program() {
        let output = "running 3 tests\n...\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        assert_eq!(
            total(output),
            Tally {
                passed: 15,
                failed: 2
            }
        );
    }

    #[test]
    fn node_closes_on_a_line_for_each_count() {
        let output = "ℹ tests 7\nℹ suites 1\nℹ pass 5\nℹ fail 2\nℹ cancelled 0\nℹ skipped 0\n";
        assert_eq!(
            total(output),
            Tally {
                passed: 5,
                failed: 2
            }
        );
        assert_eq!(
            total("# pass 4\n# fail 0\n"),
            Tally {
                passed: 4,
                failed: 0
            }
        );
    }

    #[test]
    fn pytest_closes_on_one_line() {
        let output = "....F\n1 failed, 24 passed, 2 warnings in 12.34s\n";
        assert_eq!(
            total(output),
            Tally {
                passed: 24,
                failed: 1
            }
        );
        let long = "3 passed in 75.10s (0:01:15)\n2 errors in 0.31s\n";
        assert_eq!(
            total(long),
            Tally {
                passed: 3,
                failed: 2
            }
        );
        assert_eq!(total("5 passed in a hurry\n"), Tally::default());
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(total("pass 3\nI pass 4 now\n5 passed\n"), Tally::default());
    }

    #[test]
    fn it_reads_as_a_closing_line() {
        assert_eq!(
            Tally {
                passed: 2,
                failed: 1
            }
            .to_string(),
            "2 passed, 1 failed"
        );
    }
}
