//! What needs an API server, with one that answers as it is told.

mod api;
mod certificates;
mod faults;
mod fetch;
mod watch;
