//! Turns the entries of `catalog/` and the pages of `rules/` into bytes that the program carries. A broken entry or
//! page is a broken build.

#[path = "build/catalog.rs"]
mod catalog;
#[allow(dead_code, unused_imports, reason = "a part of what is shared with the library serves here")]
#[path = "build/model.rs"]
mod model;
#[allow(dead_code, reason = "a part of what is shared with the library serves here")]
#[path = "src/rules/page/mod.rs"]
mod page;
#[path = "build/pages.rs"]
mod pages;

/// Makes one file of `OUT_DIR`, or says what is wrong with its sources.
type Step = fn() -> Result<(), Vec<String>>;

/// Everything that is made at build time.
const STEPS: &[Step] = &[catalog::catalog, pages::pages];

fn main() {
    let mut broken = false;
    for problem in STEPS.iter().filter_map(|step| step().err()).flatten() {
        println!("cargo::error={problem}");
        broken = true;
    }
    if broken {
        std::process::exit(1);
    }
}
