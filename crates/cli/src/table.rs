//! Columns of text, as wide as they need to be.

/// Lays out rows below a heading. Control characters, which a sender may have put into a kind or a
/// key, are shown as U+FFFD: a terminal must not obey them.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading = heading.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let all: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().map(|cell| harmless(cell)).collect())
        .collect();
    let width = |column: usize| {
        all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate();
        let padded = cells.map(|(column, cell)| format!("{cell:0$}", width(column).unwrap_or(0)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.iter().map(|row| line(row) + "\n").collect()
}

/// A text of somebody else's, fit for a terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { '\u{fffd}' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["a".to_owned(), "long cell".to_owned()], vec!["übung".to_owned()]];
        assert_eq!(table(&["X", "Y"], &rows), "X      Y\na      long cell\nübung\n");
    }

    #[test]
    fn a_terminal_is_not_given_orders() {
        assert_eq!(table(&["X"], &[vec!["\u{1b}[2J".to_owned()]]), "X\n\u{fffd}[2J\n");
    }
}
