//! The configuration file: raw shape (unknown keys refused) to checked [`Config`]; all faults at once with line, column and remedy.
