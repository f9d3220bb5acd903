# Recipes for development. `just` lists them; CI runs `.ci/run`.

# List the recipes.
default:
    @just --list

# Run all tests that need only Rust.
test:
    cargo test --workspace --locked

# Run one crate's tests: `just crate policy`.
crate name *arguments:
    cargo test -p attache-{{name}} --locked {{arguments}}

# Check format, lints, documentation, spelling and dependencies, as CI does.
lint:
    bash .ci/run lint

# Test the release binary with the clients and servers of other projects.
peers:
    bash .ci/run release peers

# Run the whole CI.
ci:
    bash .ci/run

# Run the quickstart, without an AWS account.
quickstart *arguments:
    cargo run --release --locked -- quickstart {{arguments}}

# Update the snapshots of command output and show the differences.
snapshots:
    INSTA_UPDATE=always cargo test --workspace --locked
    git diff --stat -- '*.snap'

# Update the list of known copies in tests/source_lint/known.txt.
source-lint:
    UPDATE_SOURCE_LINT=1 cargo test -p source-lint --locked
    git diff -- tests/source_lint/known.txt
