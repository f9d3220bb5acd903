//! `attache`: arguments in, reports out.
//!
//! Knows how the rooms below fit together and how a person talks to them. Holds no domain logic:
//! what a policy means, what AWS answers and what a plan is are said below. Start at
//! [`commands`].

mod commands;
mod output;

fn main() {}
