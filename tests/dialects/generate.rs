//! Env files made of whatever readers disagree about, the same ones on every run.

/// Knuth's MMIX generator.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const KEYS: &[&str] =
    &["A", "B", "C", "DATABASE_URL", "a.b", "A-B", "9A", "export", "A[1]", "é", "'A'", "A B", ""];
const STARTS: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    " ",
    "\t",
    "export ",
    "export\t",
    " export  ",
    "# ",
    "\u{feff}",
    "export\n",
    "\r\n",
];
const SEPARATORS: &[&str] = &["=", "=", "=", "=", "=", " = ", "= ", " =", ":", ": ", "=\t", "", "\n=", "=\n"];
const PIECES: &[&str] = &[
    "x",
    "yz",
    "u:p@h",
    "1",
    "#",
    " #",
    "\t#",
    "\"",
    "'",
    "`",
    "\\n",
    "\\r",
    "\\t",
    "\\\\",
    "\\\"",
    "\\'",
    "\\$",
    "\\0101",
    "\\07",
    "\\x",
    "\\",
    "$A",
    "$B",
    "${A}",
    "${B}",
    "${A:-d}",
    "${N:-d}",
    "${N-}",
    "${N:-${A}}",
    "${A:+r}",
    "${N+r}",
    "${A-$B}",
    "$$",
    "$",
    "${",
    "}",
    "{",
    " ",
    "  ",
    "\t",
    "=",
    ":",
    "é",
    "\u{a0}",
    "$N",
    "${N:?e}",
    "${A?e}",
    "\n",
    "\r\n",
    "-",
    ";",
    ",",
];
const QUOTES: &[&str] = &["", "", "", "\"", "\"", "'", "`"];
const TAILS: &[&str] = &["", "", "", "", " ", " # c", "#c", "\t# c", " y", " B=2", "\"", "'"];
const BREAKS: &[&str] = &["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\r"];

/// What a person would write: most readers take all of it.
const MILD: &[&str] = &[
    "x",
    "yz",
    "u:p@h",
    "1",
    "#",
    " #",
    "\t#",
    "\\n",
    "\\\\",
    "$A",
    "${B}",
    "${A:-d}",
    "${N:-d}",
    "${N-}",
    "${A:+r}",
    "$$",
    " ",
    "=",
    "é",
    "$N",
    "-",
    "?a=b&c=d",
    "postgres://u:p@h/d",
];

/// A file of one to four assignments, every other one mild.
pub fn file(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(2) == 0 {
        for key in &KEYS[..=random.below(4)] {
            let (start, quote) = (random.of(&STARTS[..9]), random.of(QUOTES));
            text.push_str(&format!("{start}{key}{}{quote}", random.of(&SEPARATORS[..8])));
            (0..random.below(5)).for_each(|_| text.push_str(random.of(MILD)));
            text.push_str(&format!("{quote}{}{}", random.of(&TAILS[..6]), random.of(&BREAKS[..6])));
        }
        return text;
    }
    for _ in 0..=random.below(4) {
        text.push_str(random.of(STARTS));
        let plain = random.below(3) > 0;
        text.push_str(if plain { random.of(&KEYS[..4]) } else { random.of(KEYS) });
        text.push_str(random.of(SEPARATORS));
        let quote = random.of(QUOTES);
        text.push_str(quote);
        for _ in 0..random.below(5) {
            text.push_str(random.of(PIECES));
        }
        text.push_str(quote);
        text.push_str(random.of(TAILS));
        text.push_str(random.of(BREAKS));
    }
    if random.below(5) == 0 {
        text.truncate(text.trim_end().len());
    }
    text
}

const INTERPOLATED: &[&str] = &[
    "x", "$A", "${A}", "$E", "${N}", "${A:-d}", "${N:-", "${E:-", "${E-", "${N-", "${A:+", "${E+", "${A?",
    "${N?", "${E:?", "}", "}", "}", "{", "${", "$$", "$", "-", ":", "?", "+", " ", "\n", "é", "${A:-{}}",
    "{}", "${1}", "!",
];

/// A text with references to the variables `A` (set), `E` (empty) and `N` (unset), most of them closed.
pub fn interpolated(random: &mut Random) -> String {
    let mut text: String = (0..=random.below(6)).map(|_| random.of(INTERPOLATED)).collect();
    if random.below(4) > 0 {
        let open = text.matches('{').count().saturating_sub(text.matches('}').count());
        text.push_str(&"}".repeat(open));
    }
    text
}

/// A file for dotenv-expand, which looks for references again in what it has put in, until it finds none.
/// Where a text arises that only looks like a reference poollint does not follow it.
pub fn file_for_expand(random: &mut Random) -> String {
    loop {
        let text = file(random);
        let rescanned = text.contains("$$")
            || text.contains("-$")
            || text.contains('\\') && text.matches('=').count() > 1;
        if !rescanned {
            return text;
        }
    }
}
