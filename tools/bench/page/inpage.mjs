// inPage runs in the page, before its own scripts: it waits for the engine and leaves window.bench
// behind. Nothing outside the function exists there.
export function inPage() {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const KEYS = 10_000;
  const VALUE = 'value:0123456789';

  const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const key = (number) => `key:${String(number).padStart(8, '0')}`;
  const set = (number) => command('SET', key(number), VALUE);
  const get = (number) => command('GET', key(number));
  const lengths = { GET: VALUE.length + 7, SET: 5 };

  /** A connection that counts reply bytes, as cheap as a client can be. */
  class Client {
    constructor(engine) {
      this.session = engine.open('bench');
      this.session.onreply = (bytes) => this.receive(bytes);
      this.due = 0;
    }

    receive(bytes) {
      if (bytes[0] === 45) throw new Error(decoder.decode(bytes));
      if (this.text !== undefined) this.text += decoder.decode(bytes);
      this.due -= bytes.length;
      this.next();
    }

    /** Sends `requests`, each answered by `length` bytes, `flight` of them before the first reply. */
    run(requests, length, flight = 1) {
      let at = 0;
      return new Promise((resolve) => {
        this.next = () => {
          while (at < requests.length && this.due <= length * (flight - 1)) {
            this.due += length;
            this.session.send(requests[at++]);
          }
          if (this.due === 0) resolve();
        };
        this.next();
      });
    }

    /** The text of a single reply of unknown length. */
    async ask(...words) {
      this.text = '';
      return new Promise((resolve) => {
        this.next = () => {
          const { text } = this;
          const end = text.indexOf('\r\n');
          if (end < 0 || (text[0] === '$' && text.length < end + 4 + Number(text.slice(1, end)))) return;
          this.text = undefined;
          this.due = 0;
          resolve(text);
        };
        this.session.send(encoder.encode(command(...words)));
      });
    }
  }

  /** An engine that has none: its worker answers every message with a reply to GET, and does nothing else. */
  function echoing() {
    const { port1, port2 } = new MessageChannel();
    new Worker('echo.js').postMessage(lengths.GET, [port2]);
    const session = { send: (bytes) => port1.postMessage(bytes) };
    port1.onmessage = ({ data }) => session.onreply(data);
    return { open: () => session };
  }

  /** `count` requests of `size` commands each, over keys in a shuffled order. */
  function requests(kind, size, count) {
    const make = kind === 'GET' ? get : set;
    const distinct = [];
    for (let i = 0; i < Math.min(count, KEYS / size); i++) {
      let text = '';
      for (let j = 0; j < size; j++) text += make(((i * size + j) * 7919) % KEYS);
      distinct.push(encoder.encode(text));
    }
    return Array.from({ length: count }, (_, i) => distinct[i % distinct.length]);
  }

  function install(model) {
    const { engine } = model;
    const client = new Client(engine);
    let echo;
    const saved = () =>
      new Promise((resolve) => {
        const look = () => {
          if (engine.status.persistence !== 'saved') return;
          engine.removeEventListener('status', look);
          resolve();
        };
        engine.addEventListener('status', look);
        look();
      });
    const filled = async () => client.run(requests('SET', 100, KEYS / 100), 500, 4);
    const size = async () => Number(/used_memory_rss:(\d+)/.exec(await client.ask('INFO', 'memory'))[1]);
    client.run([encoder.encode(set(1))], 5).then(() => console.log(`first reply ${performance.now()}`));
    window.bench = {
      async policy(name) {
        await client.ask('CONFIG', 'SET', 'appendfsync', name);
      },

      /** Milliseconds of single commands, one after another; of a worker that only echoes if `floor` says so. */
      async latencies(kind, count, floor = false) {
        await filled();
        const asked = floor ? (echo ??= new Client(echoing())) : client;
        const times = [];
        for (const request of requests(kind, 1, count)) {
          const start = performance.now();
          await asked.run([request], lengths[kind]);
          times.push(performance.now() - start);
        }
        return times;
      },

      /** Commands per second in requests of `size`, `flight` of them under way. */
      async rate(kind, size, flight, count) {
        await filled();
        await saved();
        const all = requests(kind, size, count);
        const start = performance.now();
        await client.run(all, lengths[kind] * size, flight);
        return (count * size * 1000) / (performance.now() - start);
      },

      /** SETs per second in batches of 100, until the last one is in storage. */
      async journaled(count) {
        await saved();
        const all = requests('SET', 100, count);
        const start = performance.now();
        await client.run(all, 500, 16);
        await saved();
        return (count * 100 * 1000) / (performance.now() - start);
      },

      /** Bytes of the engine's memory before and after writing `count` keys. */
      async fill(count) {
        const before = await size();
        const batch = (first) => {
          let text = '';
          for (let i = first; i < Math.min(first + 100, count); i++) text += set(i);
          return encoder.encode(text);
        };
        for (let first = 0; first < count; first += 10_000) {
          const part = [];
          for (let at = first; at < Math.min(first + 10_000, count); at += 100) part.push(batch(at));
          await client.run(part, 500, 16);
        }
        return [before, await size()];
      },

      /** Pastes `count` lines into the console; how long the main thread was not to be had, in ms. */
      async console(count) {
        const lines = Array.from({ length: count }, (_, i) => `SET ${key(i % KEYS)} ${VALUE}\n`).join('');
        await new Promise((resolve) => setTimeout(resolve, 500)); // what is above counts for nothing
        const session = model.sessions[0];
        let longest = 0;
        let last = performance.now();
        let over = false;
        const tasks = [0];
        const channel = new MessageChannel();
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) tasks.push(duration);
        }).observe({ entryTypes: ['longtask'] });
        channel.port1.onmessage = () => {
          const now = performance.now();
          longest = Math.max(longest, now - last);
          last = now;
          if (!over) setTimeout(() => channel.port2.postMessage(null), 1);
        };
        channel.port2.postMessage(null);
        const start = performance.now();
        session.paste(lines);
        await new Promise((resolve) => {
          const look = () => !session.running && !session.busy && resolve();
          session.addEventListener('change', look);
          look();
        });
        const took = performance.now() - start;
        await new Promise((resolve) => setTimeout(resolve, 300));
        over = true;
        return {
          console_commands_per_second: Math.round((count * 1000) / took),
          longest_gap_ms: Math.round(longest),
          longest_task_ms: Math.max(...tasks),
        };
      },
    };
  }

  const timer = setInterval(() => {
    const model = document.querySelector('riffle-console')?.model;
    if (!model) return;
    clearInterval(timer);
    install(model);
  }, 1);
}
