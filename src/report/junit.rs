//! JUnit XML: one test case for each finding, failed; one passed case when there is none, since an empty suite is
//! an error to some readers.

use std::io::{self, Write};

use super::Report;

/// Writes the report.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let failures = report.shown().count();
    let tests = failures.max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"poollint\" tests=\"{tests}\" failures=\"{failures}\">")?;
    writeln!(out, "  <testsuite name=\"poollint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    if failures == 0 {
        writeln!(out, "    <testcase classname=\"poollint\" name=\"no findings\"/>")?;
    }
    for (_, finding) in report.shown() {
        let path = report.files.path_from_here(finding.place.file);
        let at = report.files.position(finding.place.file, finding.place.span.start);
        let name = escape(&format!("{} at {path}:{}:{}", finding.rule, at.line, at.column));
        let path = escape(&path);
        writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{name}\" file=\"{path}\" line=\"{}\">",
            at.line
        )?;
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.severity.name(),
            escape(&finding.message),
            escape(finding.help.as_deref().unwrap_or_default())
        )?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

/// Escapes text and attribute values; characters that XML 1.0 cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn no_text_ends_an_element_or_breaks_the_document() {
        assert_eq!(escape("a\"<b>&\n\u{1b}\u{ffff}"), "a&quot;&lt;b&gt;&amp;&#10;\u{fffd}\u{fffd}");
    }
}
