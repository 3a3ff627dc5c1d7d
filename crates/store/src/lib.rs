//! Keeps what must not be lost, and what may.
