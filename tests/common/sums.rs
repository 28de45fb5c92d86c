//! Sums as people write them: `max(0 + 4, 2 × 3) = 6`.

/// The lines of all ```` ```sums ```` blocks of a text.
pub fn lines(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```sums" => inside = true,
            "```" => inside = false,
            line if inside && !line.is_empty() => found.push(line),
            _ => {}
        }
    }
    found
}

/// What a sum comes to. Knows `+ − × ÷`, brackets, `min`, `max`, `ceil` and `floor`.
pub fn value(sum: &str) -> Option<f64> {
    let mut rest = sum.trim();
    let value = terms(&mut rest)?;
    rest.trim().is_empty().then_some(value)
}

fn taken(rest: &mut &str, sign: char) -> bool {
    match rest.trim_start().strip_prefix(sign) {
        Some(behind) => {
            *rest = behind;
            true
        }
        None => false,
    }
}

fn terms(rest: &mut &str) -> Option<f64> {
    let mut value = factors(rest)?;
    loop {
        if taken(rest, '+') {
            value += factors(rest)?;
        } else if taken(rest, '−') {
            value -= factors(rest)?;
        } else {
            return Some(value);
        }
    }
}

fn factors(rest: &mut &str) -> Option<f64> {
    let mut value = atom(rest)?;
    loop {
        if taken(rest, '×') {
            value *= atom(rest)?;
        } else if taken(rest, '÷') {
            value /= atom(rest)?;
        } else {
            return Some(value);
        }
    }
}

fn atom(rest: &mut &str) -> Option<f64> {
    let text = rest.trim_start();
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && char != '.').unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    *rest = behind;
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    if !taken(rest, '(') {
        return None;
    }
    let mut arguments = vec![terms(rest)?];
    while taken(rest, ',') {
        arguments.push(terms(rest)?);
    }
    if !taken(rest, ')') {
        return None;
    }
    let first = arguments[0];
    match word {
        "" => Some(first),
        "ceil" => Some(first.ceil()),
        "floor" => Some(first.floor()),
        "min" => arguments.into_iter().reduce(f64::min),
        "max" => arguments.into_iter().reduce(f64::max),
        _ => None,
    }
}
