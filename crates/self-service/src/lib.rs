//! « Mon compte » and help.
