//! One file a command: its arguments, its help with examples, and its run.
