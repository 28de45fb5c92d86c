//! `odyssey.conf`: blocks of `key value`, with a pool for each route, which is a database and a user
//! (<https://github.com/yandex/odyssey/blob/master/docs/configuration/rules.md>).

use super::{Entry, Settings, Source};
use crate::model::{Basis, Located};
use crate::span::Span;

/// Blocks inside blocks are looked into so deep: a user stands in a database, nothing of interest deeper.
const DEPTH: usize = 4;

#[derive(Debug, Default)]
struct Statement {
    words: Vec<(String, Span)>,
    block: Vec<Statement>,
}

impl Statement {
    fn keyword(&self) -> &str {
        self.words.first().map_or("", |(word, _)| word)
    }

    fn argument(&self) -> Option<&(String, Span)> {
        self.words.get(1)
    }

    /// The value behind a name. Several pairs may stand on one line: `pool "session" pool_size 5`.
    fn pair(&self, name: &str) -> Option<&(String, Span)> {
        let pairs = self.words.chunks(2).filter_map(|pair| match pair {
            [(key, _), value] => Some((key, value)),
            _ => None,
        });
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
    }

    /// The last value of this name in the block.
    fn value(&self, name: &str) -> Option<&(String, Span)> {
        self.block.iter().rev().find_map(|inner| inner.pair(name))
    }
}

pub(super) fn settings(source: &Source<'_>) -> Settings {
    let text = source.text.as_str();
    let mut tokens = tokens(text).into_iter();
    let root = Statement { words: Vec::new(), block: block(&mut tokens, 0) };
    let open = root.block.iter().any(|statement| statement.keyword() == "include");
    let mut settings = Settings { open, ..Settings::default() };
    let written = |value: &(String, Span)| source.written(&value.0, value.1);
    let listen = root.block.iter().find(|statement| statement.keyword() == "listen");
    if let Some(port) = listen.and_then(|listen| listen.value("port")) {
        settings.main.insert("listen_port".to_owned(), written(port));
    }
    // 0 stands for no limit.
    if let Some(most) = root.value("client_max").filter(|(most, _)| most != "0") {
        settings.main.insert("max_client_conn".to_owned(), written(most));
    }
    let mut modes = Vec::new();
    for database in root.block.iter().filter(|statement| statement.keyword() == "database") {
        for user in database.block.iter().filter(|statement| statement.keyword() == "user") {
            let Some((name, span)) = database.argument() else { continue };
            let name = if name == "default" { "*" } else { name };
            let mut entry = Entry { name: name.to_owned(), place: source.place(*span), ..Entry::default() };
            let role = user.argument().filter(|(role, _)| role != "default");
            if let Some(role) = user.value("storage_user").or(role) {
                entry.options.insert("user".to_owned(), written(role));
            }
            let size = user
                .value("pool_size")
                .map_or_else(|| Located::of("0".to_owned(), Basis::PoolerDefault), written);
            entry.options.insert("pool_size".to_owned(), size);
            modes.extend(user.value("pool"));
            let storage = user.value("storage").and_then(|(wanted, _)| {
                root.block.iter().find(|statement| {
                    statement.keyword() == "storage"
                        && statement.argument().is_some_and(|(name, _)| name == wanted)
                })
            });
            for part in ["host", "port"] {
                if let Some(value) = storage.and_then(|storage| storage.value(part)) {
                    entry.options.insert(part.to_owned(), written(value));
                }
            }
            settings.databases.push(entry);
        }
    }
    if let Some(first) = modes.first()
        && modes.iter().all(|mode| mode.0 == first.0)
    {
        settings.main.insert("pool_mode".to_owned(), written(first));
    }
    settings
}

enum Token {
    Word(String, Span),
    Open,
    Close,
    End,
}

/// Words, with or without quotes; braces; the ends of lines. `#` begins a comment.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\n' => found.push(Token::End),
            '{' => found.push(Token::Open),
            '}' => found.push(Token::Close),
            '#' => while chars.next_if(|(_, next)| *next != '\n').is_some() {},
            '"' => {
                let mut word = String::new();
                let mut end = at.saturating_add(1);
                for (position, next) in chars.by_ref() {
                    end = position.saturating_add(next.len_utf8());
                    if next == '"' {
                        break;
                    }
                    word.push(next);
                }
                found.push(Token::Word(word, Span::new(at, end)));
            }
            char if char.is_whitespace() => {}
            char => {
                let mut word = String::from(char);
                let more = |next: char| !next.is_whitespace() && !matches!(next, '{' | '}' | '"' | '#');
                while let Some((_, next)) = chars.next_if(|(_, next)| more(*next)) {
                    word.push(next);
                }
                let end = at.saturating_add(word.len());
                found.push(Token::Word(word, Span::new(at, end)));
            }
        }
    }
    found
}

/// The statements up to the closing brace.
fn block(tokens: &mut std::vec::IntoIter<Token>, depth: usize) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut statement = Statement::default();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word, span) => statement.words.push((word, span)),
            Token::Open if depth < DEPTH => {
                statement.block = block(tokens, depth.saturating_add(1));
                found.push(std::mem::take(&mut statement));
            }
            Token::Open => {}
            // A brace on the next line still belongs to the statement before it.
            Token::End => {
                let opens = matches!(tokens.as_slice().first(), Some(Token::Open));
                if !opens && !statement.words.is_empty() {
                    found.push(std::mem::take(&mut statement));
                }
            }
            Token::Close => break,
        }
    }
    if !statement.words.is_empty() {
        found.push(statement);
    }
    found
}
