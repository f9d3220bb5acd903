//! The agent against sources of the tests' own; real clients and servers are in `tests/peers/agent.py`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod cache;
mod exchange;
mod pods;
mod server;
mod startup_taint;
