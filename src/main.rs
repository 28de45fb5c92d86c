//! The poollint program; all of it lives in the library.

fn main() -> std::process::ExitCode {
    poollint::cli::main()
}
