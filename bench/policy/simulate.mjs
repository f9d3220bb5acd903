// Runs the cases with @cloud-copilot/iam-simulate: reads them as JSON from standard input, writes
// nanoseconds and decisions as JSON.
//
// runUnsafeSimulation is its fastest public function: it validates neither documents nor context keys.
// In the version that package.json names it fails on resource policies, so the trust policy uses
// runSimulation, which validates. The documents are parsed before the measurement starts.
import { readFileSync } from 'node:fs'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const seconds = Number(process.env.BENCH_SECONDS ?? 1)

/** Warms it up, then takes the best of five: what disturbs only ever adds. */
async function measure(run) {
  let best = Infinity
  for (let until = performance.now() + 300 * seconds; performance.now() < until; ) await run()
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    let runs = 0
    do { await run(); runs++ } while (performance.now() - start < 200 * seconds)
    best = Math.min(best, ((performance.now() - start) * 1e6) / runs)
  }
  return best
}

const results = []
for (const { name, simulation } of JSON.parse(readFileSync(0, 'utf8'))) {
  const run = simulation.resourcePolicy
    ? async () => (await runSimulation(simulation, {})).overallResult
    : () => runUnsafeSimulation(simulation, {})
  const said = await run()
  results.push({ name, allowed: said === 'Allowed', said, nanoseconds: await measure(run) })
}
console.log(JSON.stringify(results))
