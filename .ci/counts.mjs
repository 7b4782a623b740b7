// A reporter for node --test: the counts of the tests, as `count.mjs sum` reads them. A test that was stopped
// because it took too long, or a file that broke, has failed.
export default async function* counts(events) {
  const all = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:pass' && data.details.type !== 'suite') all[data.skip === undefined ? 'passed' : 'skipped']++;
    if (type === 'test:fail') all.failed++;
  }
  yield JSON.stringify(all);
}
