// Counts tests. `go FILE` reads go test -json from standard input, shows packages and failures, and
// leaves the counts in FILE; `sum DIR` adds up the counts of a folder and prints the last line.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , verb, path] = process.argv;

async function countGo() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const output = new Map();
  const parents = new Set();
  const ended = [];
  let broken = false;
  for await (const line of createInterface({ input: process.stdin })) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      console.log(line);
      continue;
    }
    const key = `${event.Package ?? event.ImportPath} ${event.Test ?? ''}`;
    if (event.Action === 'output' || event.Action === 'build-output') {
      output.set(key, (output.get(key) ?? '') + event.Output);
      continue;
    }
    if (event.Test?.includes('/')) parents.add(key.slice(0, key.lastIndexOf('/')));
    if (!['pass', 'fail', 'skip', 'build-fail'].includes(event.Action)) continue;
    if (event.Test) ended.push([key, event.Action]);
    else if (event.Action !== 'skip') console.log(`${event.Action.padEnd(10)} ${event.Package ?? event.ImportPath}`);
    if (event.Action.endsWith('fail')) {
      broken = true;
      process.stdout.write(output.get(key) ?? '');
    }
    if (event.Action === 'skip' && event.Test) process.stdout.write(output.get(key) ?? '');
    output.delete(key);
  }
  // A test with sub-tests is counted by them.
  const names = { pass: 'passed', fail: 'failed', skip: 'skipped' };
  for (const [key, action] of ended) if (!parents.has(key)) counts[names[action]]++;
  if (broken && counts.failed === 0) counts.failed = 1;
  writeFileSync(path, JSON.stringify(counts));
  process.exit(broken ? 1 : 0);
}

function sum() {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const name of readdirSync(path)) {
    const counts = JSON.parse(readFileSync(`${path}/${name}`, 'utf8'));
    passed += counts.passed ?? counts.numPassedTests ?? 0;
    failed += counts.failed ?? counts.numFailedTests ?? 0;
    skipped += counts.skipped ?? counts.numPendingTests ?? 0;
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

if (verb === 'go') await countGo();
else sum();
