//! Turns the facts of `catalog/` into bytes that the program carries. A broken entry is a broken build.

#[path = "build/catalog.rs"]
mod catalog;

fn main() {
    let steps: &[fn() -> Result<(), Vec<String>>] = &[catalog::catalog];
    let mut broken = false;
    for problem in steps.iter().filter_map(|step| step().err()).flatten() {
        println!("cargo::error={problem}");
        broken = true;
    }
    if broken {
        std::process::exit(1);
    }
}
