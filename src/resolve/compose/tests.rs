//! Projects as a whole.
