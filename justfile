# What a person runs while working on this. `just` lists it; CI calls `.ci/run`.

# List the recipes.
default:
    @just --list

# Everything that needs nothing but Rust.
test:
    cargo test --workspace --locked

# One crate's tests: `just crate policy`.
crate name *arguments:
    cargo test -p attache-{{name}} --locked {{arguments}}

# What CI asks of the text: format, lints, documentation, spelling, dependencies.
lint:
    bash .ci/run lint

# Each client and server that others wrote, against the release binary: `just peers`.
peers:
    bash .ci/run release peers

# The whole of CI.
ci:
    bash .ci/run

# The guided tour, on a laptop without an AWS account.
quickstart *arguments:
    cargo run --release --locked -- quickstart {{arguments}}

# Write snapshots of commands' output anew, then look at what changed.
snapshots:
    INSTA_UPDATE=always cargo test --workspace --locked
    git diff --stat -- '*.snap'

# Count anew which copies of an idea are still known.
source-lint:
    UPDATE_SOURCE_LINT=1 cargo test -p source-lint --locked
    git diff -- tests/source_lint/known.txt
