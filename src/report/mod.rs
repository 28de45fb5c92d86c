//! Station six: one small renderer per output format, all fed the same masked findings.
