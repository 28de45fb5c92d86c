//! What a plain scalar means to the YAML readers of Compose and Kubernetes.
//!
//! Compose reads with go-yaml v3 and Kubernetes with a fork of v2; the rules here are those of their
//! `resolve.go` (<https://github.com/yaml/go-yaml/blob/v3/resolve.go>).

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Scalar, Style, Typed};

impl Scalar {
    /// What YAML 1.2's core schema, as Compose's Go reader applies it, makes of it: besides the core schema,
    /// octal with a leading zero (`010`), `0b`, and underscores between digits are integers.
    #[must_use]
    pub fn core(&self) -> Typed {
        if self.style == Style::Plain { resolve(self.text.as_str()) } else { Typed::Text }
    }

    /// What a YAML 1.1 reader (Kubernetes, Kustomize) makes of it: `yes`, `no`, `on`, `off`, `y`, `n` are
    /// booleans there.
    #[must_use]
    pub fn yaml11(&self) -> Typed {
        if self.style != Style::Plain {
            return Typed::Text;
        }
        match self.text.as_str() {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Typed::Bool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Typed::Bool(false),
            text => resolve(text),
        }
    }

    /// The text that Compose hands on after typing: `010` → `8`, `1.50` → `1.5`, `True` → `true`,
    /// `2024-01-01` → `2024-01-01 00:00:00 +0000 UTC`. Quoted text and everything that is no number, boolean
    /// or date stays as it is; so does null, which Compose treats as "no value".
    #[must_use]
    pub fn compose_text(&self) -> Cow<'_, str> {
        let text = self.text.as_str();
        if self.style != Style::Plain {
            return Cow::Borrowed(text);
        }
        let written = match resolve(text) {
            Typed::Null => return Cow::Borrowed(text),
            Typed::Bool(value) => value.to_string(),
            Typed::Int(value) => value.to_string(),
            Typed::Float(value) => go_float(value),
            Typed::Text => match timestamp(text) {
                Some(written) => written,
                None => return Cow::Borrowed(text),
            },
        };
        if written == text { Cow::Borrowed(text) } else { Cow::Owned(written) }
    }
}

/// The type of a plain scalar.
fn resolve(text: &str) -> Typed {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Typed::Null,
        "true" | "True" | "TRUE" => return Typed::Bool(true),
        "false" | "False" | "FALSE" => return Typed::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Typed::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Typed::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Typed::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => {
            // Longer than any number that fits; this bounds the copy below.
            if text.len() > 1024 {
                return Typed::Text;
            }
            let plain: Cow<'_, str> =
                if text.contains('_') { text.replace('_', "").into() } else { text.into() };
            if let Some(int) = integer(&plain) {
                return Typed::Int(int);
            }
            float(&plain).map_or(Typed::Text, Typed::Float)
        }
        Some(b'.') => float(text).map_or(Typed::Text, Typed::Float),
        _ => Typed::Text,
    }
}

/// An integer in Go's base-zero notation, from the smallest `i64` to the largest `u64`; what is larger is a
/// float to Go's reader.
fn integer(plain: &str) -> Option<i128> {
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(plain)),
    };
    let lower = |prefix: [&str; 2]| prefix.iter().find_map(|prefix| digits.strip_prefix(prefix));
    let (radix, digits) = if let Some(hex) = lower(["0x", "0X"]) {
        (16, hex)
    } else if let Some(octal) = lower(["0o", "0O"]) {
        (8, octal)
    } else if let Some(binary) = lower(["0b", "0B"]) {
        (2, binary)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { value.checked_neg()? } else { value };
    // Go tries `ParseUint` second, and that takes no sign.
    let signed = plain.starts_with(['-', '+']);
    let fits = i64::try_from(value).is_ok() || (!signed && u64::try_from(value).is_ok());
    fits.then_some(value)
}

/// A float of the form `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; infinite ones are refused, as
/// Go's `ParseFloat` does.
fn float(plain: &str) -> Option<f64> {
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", after)) => !after.is_empty() && digits(after),
        Some((before, after)) => digits(before) && digits(after),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A float as Go's `fmt.Sprint` writes it: the shortest digits, with an exponent below 1e-4 and from
/// [`GO_EXPONENT_FROM`] on (<https://github.com/golang/go/blob/master/src/strconv/ftoa.go>, format `g`).
fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..GO_EXPONENT_FROM).contains(&power) && value != 0.0 => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
        }
        _ => format!("{value}"),
    }
}

/// The decimal exponent from which Go writes one.
const GO_EXPONENT_FROM: i32 = 6;

/// A date, or a date and time without an offset or with `Z`, as Go writes a `time.Time` in UTC.
fn timestamp(text: &str) -> Option<String> {
    if !text.is_ascii() || text.len() > 40 {
        return None;
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time.strip_suffix('Z')?)),
        None => match text.split_once(' ') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        },
    };
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let year = (year.len() == 4).then(|| number(year, 4)).flatten()?;
    let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
    let day = number(day, 2).filter(|day| (1..=days_in(year, month)).contains(day))?;
    let mut written = format!("{year:04}-{month:02}-{day:02} ");
    match time {
        None => written.push_str("00:00:00"),
        Some(time) => {
            let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
            let mut parts = clock.split(':');
            let hour = number(parts.next()?, 2).filter(|hour| *hour < 24)?;
            let minute = number(parts.next()?, 2).filter(|minute| *minute < 60)?;
            let second = number(parts.next()?, 2).filter(|second| *second < 60)?;
            if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let _ = write!(written, "{hour:02}:{minute:02}:{second:02}");
            let fraction = fraction.trim_end_matches('0');
            if !fraction.is_empty() {
                written.push('.');
                written.push_str(fraction);
            }
        }
    }
    written.push_str(" +0000 UTC");
    Some(written)
}

/// A number of one to `most` digits.
fn number(text: &str, most: usize) -> Option<u32> {
    let fits = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Days of a month of the Gregorian calendar.
fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SpanText;

    fn scalar(text: &str, style: Style) -> Scalar {
        Scalar { text: SpanText::verbatim(text, 0), style }
    }

    fn plain(text: &str) -> Scalar {
        scalar(text, Style::Plain)
    }

    #[test]
    fn core_types() {
        for (text, typed) in [
            ("", Typed::Null),
            ("~", Typed::Null),
            ("NULL", Typed::Null),
            ("nULL", Typed::Text),
            ("TRUE", Typed::Bool(true)),
            ("False", Typed::Bool(false)),
            ("tRUE", Typed::Text),
            ("yes", Typed::Text),
            ("On", Typed::Text),
            ("12", Typed::Int(12)),
            ("-12", Typed::Int(-12)),
            ("+12", Typed::Int(12)),
            ("0", Typed::Int(0)),
            ("010", Typed::Int(8)),
            ("0o17", Typed::Int(15)),
            ("0x1F", Typed::Int(31)),
            ("0b101", Typed::Int(5)),
            ("-0x10", Typed::Int(-16)),
            ("1_000", Typed::Int(1000)),
            ("_1", Typed::Text),
            ("09", Typed::Float(9.0)),
            ("18446744073709551615", Typed::Int(18_446_744_073_709_551_615)),
            ("18446744073709551616", Typed::Float(18_446_744_073_709_551_616.0)),
            ("0xFFFFFFFFFFFFFFFFFF", Typed::Text),
            ("1.50", Typed::Float(1.5)),
            ("1e3", Typed::Float(1000.0)),
            (".5", Typed::Float(0.5)),
            ("1.", Typed::Float(1.0)),
            ("-1.5e-3", Typed::Float(-0.0015)),
            ("1e999", Typed::Text),
            (".", Typed::Text),
            ("+", Typed::Text),
            ("-", Typed::Text),
            ("0x", Typed::Text),
            ("--1", Typed::Text),
            ("1e", Typed::Text),
            ("-.inf", Typed::Float(f64::NEG_INFINITY)),
            ("inf", Typed::Text),
            ("12:30:45", Typed::Text),
            ("10s", Typed::Text),
            ("2024-01-01", Typed::Text),
            ("1.2.3", Typed::Text),
        ] {
            assert_eq!(plain(text).core(), typed, "{text}");
            assert_eq!(scalar(text, Style::SingleQuoted).core(), Typed::Text, "'{text}'");
            assert_eq!(scalar(text, Style::Block).core(), Typed::Text, "| {text}");
        }
        assert!(matches!(plain(".NaN").core(), Typed::Float(value) if value.is_nan()));
    }

    #[test]
    fn yaml11_booleans() {
        for text in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true"] {
            assert_eq!(plain(text).yaml11(), Typed::Bool(true), "{text}");
        }
        for text in ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false"] {
            assert_eq!(plain(text).yaml11(), Typed::Bool(false), "{text}");
        }
        assert_eq!(plain("yEs").yaml11(), Typed::Text);
        assert_eq!(plain("010").yaml11(), Typed::Int(8));
        assert_eq!(scalar("yes", Style::DoubleQuoted).yaml11(), Typed::Text);
    }

    #[test]
    fn compose_writes_typed_values_out_again() {
        for (text, written) in [
            ("true", "true"),
            ("True", "true"),
            ("1.50", "1.5"),
            ("1.0", "1"),
            ("0x10", "16"),
            ("010", "8"),
            ("0o17", "15"),
            ("1e3", "1000"),
            ("1_000", "1000"),
            ("+5", "5"),
            ("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"),
            ("2024-1-1", "2024-01-01 00:00:00 +0000 UTC"),
            ("2024-02-30", "2024-02-30"),
            ("2024-02-29 1:2:3.50", "2024-02-29 01:02:03.5 +0000 UTC"),
            ("2024-01-01T10:20:30Z", "2024-01-01 10:20:30 +0000 UTC"),
            ("yes", "yes"),
            ("on", "on"),
            ("y", "y"),
            ("12:30:45", "12:30:45"),
            ("12345678901234567890", "12345678901234567890"),
            ("0.00001", "1e-05"),
            // The following were checked against `docker compose config`, version 5.6.1.
            ("123456.0", "123456"),
            ("123456789.0", "1.23456789e+08"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("0.0001", "0.0001"),
            ("-0b11", "-3"),
            ("1_0.5", "10.5"),
            ("._5", "._5"),
            ("09", "9"),
            ("1.", "1"),
            ("1.5e6", "1.5e+06"),
            (".inf", "+Inf"),
            ("~", "~"),
            ("", ""),
            ("postgres://h/db", "postgres://h/db"),
        ] {
            assert_eq!(plain(text).compose_text(), written, "{text}");
            assert_eq!(scalar(text, Style::DoubleQuoted).compose_text(), text);
        }
    }
}
