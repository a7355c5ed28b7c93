//! At a terminal: keys, Ctrl-C.
