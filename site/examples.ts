// The newcomer's examples: lines that type themselves into the sessions beside each other.
// Names and explanations stand in the catalogues as example.<id>.name and example.<id>.text.

export interface Step {
  /** Which session types the line: 0 is the first. */
  session: number;
  line: string;
}

export interface Example {
  id: 'pubsub' | 'queue' | 'blocking' | 'stream' | 'group' | 'transaction' | 'expiry';
  steps: Step[];
}

const at = (session: number, ...lines: string[]): Step[] => lines.map((line) => ({ session, line }));

export const EXAMPLES: readonly Example[] = [
  {
    id: 'pubsub',
    steps: [...at(0, 'SUBSCRIBE news'), ...at(1, 'PUBLISH news "속보: Redis 출시"')],
  },
  {
    id: 'queue',
    steps: [...at(0, 'LPUSH myqueue "작업1"', 'LPUSH myqueue "작업2"'), ...at(1, 'RPOP myqueue')],
  },
  {
    id: 'blocking',
    steps: [...at(0, 'BLPOP inbox 30'), ...at(1, 'RPUSH inbox "작업3"')],
  },
  {
    id: 'stream',
    steps: [...at(0, 'XADD mystream * key1 val1'), ...at(1, 'XREAD COUNT 1 STREAMS mystream 0')],
  },
  {
    id: 'group',
    steps: [
      ...at(0, 'DEL orders', 'XGROUP CREATE orders shop $ MKSTREAM'),
      ...at(1, 'XADD orders * item "커피"'),
      ...at(0, 'XREADGROUP GROUP shop alice COUNT 1 STREAMS orders >'),
      ...at(1, 'XPENDING orders shop', 'XAUTOCLAIM orders shop bob 0 0', 'XPENDING orders shop'),
    ],
  },
  {
    id: 'transaction',
    steps: [
      ...at(0, 'SET stock 10', 'WATCH stock', 'MULTI', 'DECR stock'),
      ...at(1, 'SET stock 3'),
      ...at(0, 'EXEC', 'GET stock'),
    ],
  },
  {
    id: 'expiry',
    steps: [...at(0, 'SET session:42 "김하늘" EX 30'), ...at(1, 'TTL session:42', 'GET session:42')],
  },
];
