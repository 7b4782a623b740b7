// Which keys a blocking command waits for, so that a waiting session can say so.

const LISTED = new Set(['BLPOP', 'BRPOP', 'BZPOPMIN', 'BZPOPMAX']);
const COUNTED = new Set(['BLMPOP', 'BZMPOP']);
const MOVED = new Set(['BLMOVE', 'BRPOPLPUSH']);
const READ = new Set(['XREAD', 'XREADGROUP']);

/** The keys a command may block on, null if it never blocks. */
export function blockingKeys(args: readonly string[]): string[] | null {
  const name = (args[0] ?? '').toUpperCase();
  if (LISTED.has(name)) return args.slice(1, -1);
  if (MOVED.has(name)) return args.slice(1, 2);
  if (COUNTED.has(name)) return args.slice(3, 3 + Number(args[2]));
  if (name === 'WAIT') return [];
  return READ.has(name) ? streamKeys(args) : null;
}

function streamKeys(args: readonly string[]): string[] | null {
  const upper = args.map((arg) => arg.toUpperCase());
  const streams = upper.indexOf('STREAMS') + 1;
  if (!streams || !upper.slice(0, streams).includes('BLOCK')) return null;
  return args.slice(streams, streams + (args.length - streams) / 2);
}
