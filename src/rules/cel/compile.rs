//! From the text of an expression to a tree in which every number is a double.

use std::collections::BTreeSet;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, operators};
use cel::common::types::CelDouble;
use cel::parser::PrattParser;

use super::{CompileError, DEEPEST, Expression, LONGEST, MOST_NODES, NESTED_LOOPS, functions};

pub(super) fn compile(source: &str) -> Result<Expression, CompileError> {
    let fail = |reason: String| CompileError { expression: source.to_owned(), reason };
    if source.len() > LONGEST {
        return Err(CompileError {
            expression: source.chars().take(60).chain("…".chars()).collect(),
            reason: format!("it is longer than {LONGEST} bytes"),
        });
    }
    if nesting(source) > usize::from(DEEPEST) {
        return Err(fail(format!("its parentheses nest deeper than {DEEPEST}")));
    }
    let mut root = PrattParser::new()
        .max_recursion_depth(DEEPEST)
        .parse(source)
        .map_err(|errors| fail(first_line(&errors.to_string())))?;
    let mut walk = Walk::default();
    walk.visit(&mut root, 0);
    if let Some(problem) = walk.problem {
        return Err(fail(problem));
    }
    Ok(Expression { root, references: walk.references.into_iter().collect() })
}

/// How deep brackets nest. Brackets inside texts count too, which only makes this stricter.
fn nesting(source: &str) -> usize {
    let mut depth = 0usize;
    let mut deepest = 0usize;
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth = depth.saturating_add(1),
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The parser draws a picture below its first line; the page's reader has the expression anyway.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("it cannot be parsed").trim().to_owned()
}

#[derive(Default)]
struct Walk {
    references: BTreeSet<String>,
    bound: Vec<String>,
    problem: Option<String>,
    nodes: usize,
}

impl Walk {
    fn visit(&mut self, node: &mut IdedExpr, loops: usize) {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MOST_NODES {
            self.problem.get_or_insert_with(|| "it is too large".to_owned());
            return;
        }
        if let Some(path) = path_of(&node.expr) {
            self.reference(path);
            return;
        }
        match &mut node.expr {
            Expr::Literal(literal) => to_double(literal),
            Expr::Call(call) => {
                self.call(call, loops);
                if call.func_name == "size" {
                    double_around(node);
                }
            }
            Expr::List(list) => list.elements.iter_mut().for_each(|item| self.visit(item, loops)),
            Expr::Select(select) => self.visit(&mut select.operand, loops),
            Expr::Map(map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        self.visit(&mut entry.key, loops);
                        self.visit(&mut entry.value, loops);
                    }
                }
            }
            Expr::Comprehension(comprehension) => {
                let inner = loops.saturating_add(1);
                if inner > NESTED_LOOPS {
                    self.problem.get_or_insert_with(|| {
                        format!("`exists`, `all`, `map` and `filter` nest deeper than {NESTED_LOOPS}")
                    });
                    return;
                }
                self.visit(&mut comprehension.iter_range, loops);
                let before = self.bound.len();
                self.bound.push(comprehension.iter_var.clone());
                self.bound.extend(comprehension.iter_var2.clone());
                self.bound.push(comprehension.accu_var.clone());
                self.visit(&mut comprehension.accu_init, inner);
                self.visit(&mut comprehension.loop_cond, inner);
                self.visit(&mut comprehension.loop_step, inner);
                self.visit(&mut comprehension.result, inner);
                self.bound.truncate(before);
            }
            Expr::Struct(_) => {
                self.problem.get_or_insert_with(|| "messages of a type cannot be made here".to_owned());
            }
            Expr::Ident(_) | Expr::Unspecified => {}
        }
    }

    fn call(&mut self, call: &mut CallExpr, loops: usize) {
        if !functions::known(&call.func_name) {
            self.problem.get_or_insert_with(|| format!("there is no function `{}`", call.func_name));
        }
        if let Some(target) = &mut call.target {
            self.visit(target, loops);
        }
        let index = call.func_name == operators::INDEX;
        for (position, argument) in call.args.iter_mut().enumerate() {
            // The position in a list stays an integer.
            let literal = matches!(argument.expr, Expr::Literal(_));
            if !(index && position == 1 && literal) {
                self.visit(argument, loops);
            }
        }
    }

    fn reference(&mut self, path: Vec<String>) {
        let bound = path.first().is_none_or(|root| root.starts_with('@') || self.bound.contains(root));
        if !bound {
            self.references.insert(path.join("."));
        }
    }
}

/// `a.b.c` and `has(a.b.c)` as their names.
fn path_of(expression: &Expr) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut at = expression;
    loop {
        match at {
            Expr::Ident(name) => {
                names.push(name.clone());
                names.reverse();
                return Some(names);
            }
            Expr::Select(select) => {
                names.push(select.field.clone());
                at = &select.operand.expr;
            }
            _ => return None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers written in a page are far below 2^52")]
fn to_double(literal: &mut LiteralValue) {
    let double = match literal {
        LiteralValue::Int(number) => *number.inner() as f64,
        LiteralValue::UInt(number) => *number.inner() as f64,
        _ => return,
    };
    *literal = LiteralValue::Double(CelDouble::from(double));
}

/// `size(x)` becomes `double(size(x))`.
fn double_around(node: &mut IdedExpr) {
    let inner = std::mem::take(node);
    let id = inner.id;
    let call = CallExpr { func_name: "double".to_owned(), target: None, args: vec![inner] };
    *node = IdedExpr { id, expr: Expr::Call(call) };
}
