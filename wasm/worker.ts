// The engine's home in a browser: a dedicated worker that owns the engine, its sessions, its timer
// and its storage.
//
// The page sends (ToWorker):
//
//   init      once, first: where the code is, which database, which policy
//   program   once: the engine to start with, compiled by the page, or null if that failed
//   open      a connection, with the port that carries its bytes (sessions.ts says how)
//   policy    when data is called safe from now on
//   takeover  the person wants the data in this tab
//   flush     the page is about to be hidden: write what waits
//   rescue    asks for what could not be read; answered by `rescued` with the same id
//   discard   the person has no more use for what could not be read
//
// The worker sends (FromWorker): `status` whenever it changed, and `rescued`.
//
// The life of a worker: it waits for the lock on the data, loads the engine from storage, serves; a
// crash of the engine leads back to loading, a hand-over to waiting, SHUTDOWN to the end.
//
// There are two builds of the engine. The core is soon there; it knows by name what it lacks, and the first
// request for that (or stored data that needs it) has this worker fetch the full one and move everything over.

import { Clock } from './clock.ts';
import { GroupCommit } from './commit.ts';
import { compact, worthwhile } from './compaction.ts';
import type { Policy, Status } from './engine.ts';
import { moveOver } from './exchange.ts';
import { describe, IndexedDBJournal } from './idb.ts';
import { fetchProgram, instantiate } from './instantiate.ts';
import { NotOwner, StorageError, type Journal, type Manifest, type Settings } from './journal.ts';
import { Linger } from './linger.ts';
import { type Machine, type Parameter, type Ready, type Request, RequestKind } from './machine.ts';
import { Ownership } from './owner.ts';
import { Lacking, recover, type Recovery } from './recovery.ts';
import { Sessions } from './sessions.ts';

export type ToWorker =
  | Init
  | { type: 'program'; module: WebAssembly.Module | null }
  | { type: 'open'; name: string; port: MessagePort }
  | { type: 'policy'; policy: Policy }
  | { type: 'takeover' }
  | { type: 'flush' }
  | { type: 'rescue'; id: number }
  | { type: 'discard' };

export type FromWorker =
  | { type: 'status'; status: Status }
  | { type: 'rescued'; id: number; blob: Blob | null };

interface Init {
  type: 'init';
  /** Where the core engine is, and the full one. */
  wasm: string;
  full: string;
  database: string;
  policy: Policy;
  parameters: Record<string, string>;
}

/** How long the engine may work before other messages get their turn, in ms. */
const SLICE_MS = 8;

/** Messages that are served in their own tasks before it is looked whether others have gathered. */
const UNTURNED = 4;

/** Effects that may wait for storage before requests have to wait too, in bytes. */
const CONGESTED = 64 << 20;

/** Figures change with every command; they are told at most this often, in ms. */
const STATUS_MS = 200;

/** How long a compaction that failed is not tried again unless somebody asks, in ms. */
const COMPACT_PAUSE_MS = 30_000;

/** Crashes in a row that make the data suspect, and how soon after a start one counts, in ms. */
const CRASHES = 3;
const SOON_MS = 10_000;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

/** An engine that runs, with what belongs to this run of it. */
interface Run {
  machine: Machine;
  /** Storage; null when nothing is kept. */
  journal: Journal | null;
  commit: GroupCommit | null;
  manifest: Manifest;
  /** The log's offset at which the engine's own count began. */
  origin: number;
  started: number;
}

class Worker {
  private readonly clock = new Clock();
  private readonly sessions = new Sessions(
    () => this.wanted(),
    () => this.gate(),
  );
  private readonly owner: Ownership;
  /** Compiled engines by address. */
  private readonly programs = new Map<string, Promise<WebAssembly.Module>>();
  /** Called with what the page has compiled. */
  private arrive!: (module: WebAssembly.Module | null) => void;
  /** The data or a request needed the full engine, so nothing less is loaded again. */
  private full = false;
  /** Set while everything moves to another engine and nothing may reach either. */
  private moving = false;
  /** Requests of the engine that are being carried out, and who waits for the end of all. */
  private asked = 0;
  private settledWaiters: (() => void)[] = [];
  private run: Run | null = null;
  /** Changes when a run or an attempt to start one is over, so that what it left waiting knows. */
  private epoch = 0;
  private journal: Journal | null = null;
  private settings: Settings = {};
  private policy: Policy;

  /** Offset of the journal after the last batch. */
  private offset = 0;
  /** When the engine wants to be woken (0: never), and when the timer will go off, on the engine's clock. */
  private wake = 0;
  private alarm = Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Set while a turn is under way, in which new work gathers; whether some has; set during a slice. */
  private turning = false;
  private more = false;
  private slicing = false;
  /** Whether the last turn found work, and slices since then. */
  private flood = false;
  private slices = 0;
  private readonly turns = new MessageChannel();
  private readonly linger = new Linger();
  private turnWaiters: (() => void)[] = [];

  /** Why writes are refused, '' if they are not. */
  private refusal = '';
  private compacting = false;
  /** When the log may be compacted by itself again after a failure, on performance.now(). */
  private compactAfter = 0;
  private wantedSaves: Request[] = [];
  private crashes: { end: number; count: number } = { end: -1, count: 0 };

  private status: Status;
  private statusTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly init: Init) {
    this.policy = init.policy;
    this.status = {
      home: 'browser',
      state: 'starting',
      persistence: 'saved', // so far nothing has been acknowledged
      policy: init.policy,
      keys: 0,
      memory: 0,
      journal: 0,
      problem: '',
      detail: '',
    };
    const compiled = new Promise<WebAssembly.Module | null>((resolve) => (this.arrive = resolve));
    void this.expect(init.wasm, compiled.then((module) => module ?? fetchProgram(init.wasm)));
    this.turns.port1.onmessage = () => this.turn();
    this.owner = new Ownership(`riffle:${init.database}`, {
      granted: () => void this.boot(),
      waiting: () => this.tell({ state: 'waiting', keys: 0, memory: 0, journal: 0 }),
      asked: () => void this.handOver(),
      stolen: () => this.disowned(),
    });
    void this.owner.acquire();
  }

  // Messages of the page.

  receive(message: Exclude<ToWorker, Init>): void {
    switch (message.type) {
      case 'program':
        this.arrive(message.module);
        break;
      case 'open':
        this.sessions.add(message.name, message.port);
        if (this.status.state === 'lost') this.sessions.endAll();
        break;
      case 'policy':
        this.choose(message.policy);
        break;
      case 'takeover':
        if (this.status.state === 'waiting') void this.owner.takeOver();
        break;
      case 'flush':
        void this.run?.commit?.flush();
        break;
      case 'rescue':
        void this.rescue(message.id);
        break;
      case 'discard':
        void this.discard();
        break;
    }
  }

  /** Follows the page's choice of policy, and remembers it. */
  private choose(policy: Policy): void {
    this.run?.machine.door.configure({ name: 'appendfsync', value: policy });
    this.setPolicy(policy);
    void this.remember({ policy });
  }

  private setPolicy(policy: Policy): void {
    this.policy = policy;
    this.run?.commit?.setPolicy(policy);
    this.sessions.release(this.passed());
    this.tell({ policy });
  }

  /** Stores settings next to the data. What cannot be stored holds for this run only. */
  private async remember(change: Settings): Promise<void> {
    this.settings = { ...this.settings, ...change };
    await this.journal?.saveSettings(this.settings).catch(() => {});
  }

  private async rescue(id: number): Promise<void> {
    const blob = await (this.journal?.export() ?? null);
    post({ type: 'rescued', id, blob });
  }

  private async discard(): Promise<void> {
    await this.journal?.discard();
    if (this.status.problem === 'recovered-partly') this.tell({ problem: '', detail: '' });
  }

  // Starting and stopping.

  /** An engine's code. What could not be fetched is fetched anew when it is next needed. */
  private program(wasm: string): Promise<WebAssembly.Module> {
    return this.programs.get(wasm) ?? this.expect(wasm, fetchProgram(wasm));
  }

  private expect(wasm: string, program: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
    this.programs.set(wasm, program);
    program.catch(() => this.programs.delete(wasm));
    return program;
  }

  /** Loads the engine from storage and begins to serve. Code and storage are made ready side by side. */
  private async boot(): Promise<void> {
    if (this.status.state === 'waiting') this.tell({ state: 'starting' });
    const epoch = ++this.epoch;
    const opening = this.openJournal();
    const close = () => void opening.then(({ journal }) => journal?.close(), () => {});
    const wasm = this.full ? this.init.full : this.init.wasm;
    const program = await this.program(wasm).catch((error: unknown) => this.lose('load-failed', error));
    if (!program || epoch !== this.epoch) return close();
    try {
      const { journal, manifest, problem, detail } = await opening;
      this.journal = journal;
      if (this.settings.policy) this.policy = this.settings.policy as Policy;
      const options = this.options(journal !== null);
      const machine = await instantiate(program, options, (section) => this.info(section));
      void machine.dead.then((reason) => this.crashed(machine, reason));
      if (problem) this.tell({ problem, detail });
      const recovered = await this.load(machine, journal, manifest);
      if (epoch === this.epoch) this.begin(machine, recovered.journal, manifest, recovered.recovery);
    } catch (error) {
      if (epoch === this.epoch) this.bootFailed(error);
    }
  }

  private bootFailed(error: unknown): void {
    if (error instanceof NotOwner) {
      this.disowned();
    } else if (error instanceof Lacking && !this.full) {
      this.full = true;
      this.journal?.close();
      void this.boot();
    } else {
      void this.restart(describe(error), -1);
    }
  }

  /** Opens storage, or says why nothing can be kept. */
  private async openJournal() {
    const nothing: Manifest = { base: 0, chunks: 0, bytes: 0, start: 0 };
    const journal = new IndexedDBJournal(this.init.database);
    try {
      const manifest = await journal.open();
      this.settings = await journal.settings();
      return { journal, manifest, problem: '', detail: '' };
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return { journal: null, manifest: nothing, problem: error.problem, detail: error.message };
    }
  }

  private options(keeps: boolean) {
    const [seedHigh, seedLow] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
    const parameters = {
      appendonly: keeps ? 'yes' : 'no',
      ...this.init.parameters,
      ...this.settings.parameters,
      appendfsync: this.policy,
    };
    return { seedHigh, seedLow, journal: keeps, parameters: lines(parameters) };
  }

  /** The host's lines of INFO. */
  private info(section: string): Parameter[] {
    const { run } = this;
    if (section === 'server') return lines({ os: navigator.userAgent, executable: this.init.wasm });
    if (section === 'memory') return lines({ used_memory_rss: run?.machine.size ?? 0 });
    if (section !== 'persistence') return [];
    const { bytes, start } = run?.manifest ?? { bytes: 0, start: this.offset };
    return lines({
      aof_enabled: run?.commit ? 1 : 0,
      aof_last_write_status: run?.commit?.failing ? 'err' : 'ok',
      aof_rewrite_in_progress: this.compacting ? 1 : 0,
      aof_base_size: bytes,
      aof_current_size: bytes + this.offset - start,
      aof_buffer_length: run?.commit?.pending ?? 0,
    });
  }

  /** Fills the engine from storage. Data that cannot be read is left alone, and nothing is kept then. */
  private async load(machine: Machine, journal: Journal | null, manifest: Manifest) {
    let recovery: Recovery = { end: manifest.start, records: 0, fault: '' };
    if (!journal) return { journal, recovery };
    try {
      recovery = await recover(machine, journal, manifest, () => this.clock.now());
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.tell({ problem: error.problem, detail: error.message });
      return { journal: null, recovery };
    }
    await this.reportQuarantine(journal, recovery);
    return { journal, recovery };
  }

  private async reportQuarantine(journal: Journal, { fault }: Recovery): Promise<void> {
    const { records, bytes } = await journal.quarantine();
    if (records === 0) return;
    const detail = `${records} records of the log (${bytes} bytes) are set aside`;
    this.tell({ problem: 'recovered-partly', detail: fault ? `${detail}: ${fault}` : detail });
  }

  private begin(machine: Machine, journal: Journal | null, manifest: Manifest, recovery: Recovery): void {
    const commit = journal && new GroupCommit(journal, recovery.end, this.policy, {
      stored: () => {
        this.sessions.release(this.passed());
        this.compactLong();
        this.outdate();
        this.wanted();
      },
      failed: (reason) => this.refuse(reason),
      mended: () => this.mend(),
      disowned: () => this.disowned(),
    });
    if (commit) commit.records = recovery.records;
    this.run = { machine, journal, commit, manifest, origin: recovery.end, started: performance.now() };
    this.offset = recovery.end;
    this.tell({ state: 'running', policy: this.policy });
    this.slice();
    this.compactLong();
  }

  /** Ends this run of the engine and all that hangs on it. */
  private stop(): void {
    const { run } = this;
    this.run = null;
    this.epoch++;
    run?.commit?.stop();
    this.wantedSaves = [];
    clearTimeout(this.timer);
    this.alarm = Infinity;
    this.wake = 0;
    this.sessions.endServed();
    this.asked = 0;
    for (const wake of this.turnWaiters.splice(0)) wake();
    for (const wake of this.settledWaiters.splice(0)) wake();
  }

  // Exchanging the engine.

  /** Moves to the full engine, for requests that wait for it in the present one. */
  private async enlarge(run: Run, request: Request): Promise<void> {
    this.tell({ loading: true });
    const failure = await this.exchange(run).then(() => '', describe);
    this.moving = false;
    this.tell({ loading: false });
    if (failure) this.finish(run, request, failure);
    this.wanted();
  }

  private async exchange(run: Run): Promise<void> {
    const program = await this.program(this.init.full);
    await this.settled(run);
    this.moving = true;
    const machine = await instantiate(program, this.options(run.journal !== null), (section) => this.info(section));
    void machine.dead.then((reason) => this.crashed(machine, reason));
    const turn = async () => {
      await this.nextTurn();
      this.check(run);
    };
    await moveOver(run.machine, machine, () => this.clock.now(), turn);
    this.check(run);
    run.machine = machine;
    run.origin = this.offset;
    this.full = true;
    // What was decided meanwhile.
    machine.door.configure({ name: 'appendfsync', value: this.policy });
    machine.refuse(this.refusal);
  }

  /** Resolves when no request of the engine is under way. */
  private async settled(run: Run): Promise<void> {
    this.check(run);
    while (this.compacting || this.asked > 0) {
      await new Promise<void>((resolve) => this.settledWaiters.push(resolve));
      this.check(run);
    }
  }

  private check(run: Run): void {
    if (this.run !== run) throw new Error('the engine has stopped');
  }

  /** Gives the data to the tab that asks for it. */
  private async handOver(): Promise<void> {
    const { epoch } = this;
    await this.run?.commit?.flush();
    if (epoch !== this.epoch) return;
    this.stop();
    this.journal?.close();
    await this.owner.handOver();
  }

  /** The data has another owner already. */
  private disowned(): void {
    this.stop();
    this.journal?.close();
    void this.owner.handOver();
  }

  /** The end of this worker's service: nothing runs, everything stored stays. */
  private lose(problem: string, error: unknown): void {
    this.stop();
    this.journal?.close();
    this.owner.release();
    this.tell({ state: 'lost', problem, detail: error === '' ? '' : describe(error) });
    this.sessions.endAll();
  }

  /** The engine has stopped by itself: what it journaled is kept, and a new one loads it. */
  private async crashed(machine: Machine, reason: string): Promise<void> {
    const { run, epoch } = this;
    if (!run || run.machine !== machine) return;
    this.run = null; // nothing may reach the broken engine from here on
    await run.commit?.flush();
    if (epoch !== this.epoch) return;
    const early = performance.now() - run.started < SOON_MS;
    this.run = run;
    this.stop();
    this.journal?.close();
    await this.restart(reason, early ? (run.commit?.stored ?? 0) : NaN);
  }

  /**
   * Loads the engine again, unless this data has brought it down too often: a crash counts if it came
   * soon after a start and nothing was added to the log since the last one. `end` is the log's offset, NaN
   * for a crash that does not count.
   */
  private async restart(reason: string, end: number): Promise<void> {
    const count = this.crashes.end === end ? this.crashes.count + 1 : 1;
    this.crashes = { end, count };
    if (count >= CRASHES) return this.lose('crash-loop', reason);
    this.tell({ state: 'restarting' });
    await this.boot();
    if (this.run) this.tell({ problem: 'restarted', detail: reason });
  }

  // Serving.

  /** Something waits to be done: at once if this worker was idle, with the next turn if not. */
  private wanted(): void {
    this.more = true;
    if (this.turning || this.slicing) return;
    this.slice();
    if (!this.turning) this.linger.extend();
  }

  /**
   * A message that finds this worker idle is served in its own task, so that a single request is answered without
   * delay. In a flood a turn, a task of its own, follows every slice, and what arrives until then only gathers, to be
   * answered in one message, which costs as much as ten commands; so messages and timers come between slices, too. A
   * flood is known by a turn that finds work: its messages are in the queue already. A turn costs more than a single
   * request, so that only every fourth slice tries one. No clock could tell: most pages have one of 100 us, and an
   * answer can be asked for in 30. What a page sends in one task is joined there (browser.ts).
   */
  private turn(): void {
    this.turning = false;
    this.slices = 0;
    for (const wake of this.turnWaiters.splice(0)) wake();
    this.flood = this.unfinished;
    if (this.flood) this.slice();
  }

  /** Whether there is something that the engine could do now. */
  private get unfinished(): boolean {
    return this.more || (this.sessions.busy && !this.congested());
  }

  private startTurn(): void {
    if (this.turning) return;
    this.turning = true;
    this.turns.port2.postMessage(null);
  }

  private congested(): boolean {
    return (this.run?.commit?.pending ?? 0) > CONGESTED;
  }

  /** Lets the engine work for a slice of time. */
  private slice(): void {
    const { run } = this;
    if (!run || this.moving) return;
    this.more = false;
    this.slicing = true;
    try {
      const now = this.clock.now();
      const deadline = this.clock.fine + (this.compacting ? SLICE_MS / 2 : SLICE_MS);
      if (this.wake !== 0 && now >= this.wake) run.machine.tick(now);
      if (!this.congested()) this.sessions.feed(run.machine, now, deadline);
      this.settle(run);
    } catch (error) {
      this.broke(run.machine, error);
    }
    this.slicing = false;
    if (++this.slices === UNTURNED || this.flood || this.unfinished) this.startTurn();
  }

  /** A call has thrown: the program may have ended, and then its last words say more than the error. */
  private broke(machine: Machine, error: unknown): void {
    void this.crashed(machine, machine.epitaph() || describe(error));
  }

  /** Does what the engine's Ready asks for, in the order of its manual. */
  private settle(run: Run): void {
    for (;;) {
      const ready = run.machine.ready();
      this.keep(run, ready);
      this.sessions.deliver(run.machine, ready.outputs);
      this.arm(ready.wake);
      for (const request of ready.requests) this.carryOut(run, request);
      if (ready.requests.length === 0 || this.run !== run) break;
    }
    this.outdate();
  }

  private keep(run: Run, { journal, offset }: Ready): void {
    this.offset = run.origin + offset;
    if (!journal || !run.commit) return;
    run.commit.append(journal, this.offset);
  }

  /** The offset up to which replies may leave: under "always" what is stored, otherwise everything. */
  private passed(): number {
    const { commit } = this.run ?? {};
    return this.policy === 'always' && commit && !commit.failing ? commit.stored : Infinity;
  }

  private gate(): number {
    return this.offset > this.passed() ? this.offset : 0;
  }

  /**
   * Keeps one timer, which goes off no later than the engine wants to be woken: the time changes with many
   * commands, and a timer set anew costs more than one that goes off too early now and then.
   */
  private arm(wake: number): void {
    this.wake = wake;
    if (wake === 0 || wake >= this.alarm) return;
    clearTimeout(this.timer);
    this.alarm = wake;
    const delay = Math.max(0, Math.ceil((wake - this.clock.last) / 1000));
    this.timer = setTimeout(() => {
      this.alarm = Infinity;
      this.slice();
    }, Math.min(delay, 0x7fffffff));
  }

  // Requests of the engine.

  private carryOut(run: Run, request: Request): void {
    if (request.kind === RequestKind.fullEngine) return void this.enlarge(run, request);
    this.asked++;
    switch (request.kind) {
      case RequestKind.save:
      case RequestKind.backgroundSave:
      case RequestKind.rewrite:
        this.wantedSaves.push(request);
        void this.compact(run);
        break;
      case RequestKind.shutdown:
        void this.shutDown(run, request);
        break;
      case RequestKind.rewriteConfig:
        void this.rewriteConfig(run, request);
        break;
      case RequestKind.configure:
        this.finish(run, request, this.configured(run, request.argument));
        break;
      case RequestKind.purge: // WebAssembly memory never shrinks; what is free in it is used again
        this.finish(run, request, '');
        break;
      default:
        this.finish(run, request, 'this home of the engine cannot do that');
    }
  }

  /** Tells the engine how a request ended, and serves whoever waited for it. */
  private finish(run: Run, request: Request, failure: string): void {
    if (this.run !== run) return;
    if (request.kind !== RequestKind.fullEngine) this.asked--;
    for (const wake of this.settledWaiters.splice(0)) wake();
    try {
      run.machine.finish(this.clock.now(), request.number, failure);
      this.wanted();
    } catch (error) {
      this.broke(run.machine, error);
    }
  }

  private configured(run: Run, name: string): string {
    if (name !== 'appendfsync') return '';
    this.setPolicy(run.machine.door.config(name) as Policy);
    return '';
  }

  private async rewriteConfig(run: Run, request: Request): Promise<void> {
    const parameters = Object.fromEntries(run.machine.door.changes().map(({ name, value }) => [name, value]));
    const { journal } = run;
    this.settings = { ...this.settings, policy: this.policy, parameters };
    const failure = journal
      ? await journal.saveSettings(this.settings).then(() => '', describe)
      : 'nothing is kept in this tab';
    this.finish(run, request, failure);
  }

  /** SHUTDOWN: what is journaled is stored first, unless the person said nosave. */
  private async shutDown(run: Run, request: Request): Promise<void> {
    const stored = (await run.commit?.flush()) ?? true;
    if (this.run !== run) return;
    if (!stored && !/nosave|force/.test(request.argument)) {
      this.finish(run, request, 'the log could not be stored');
      return;
    }
    this.lose('shutdown', '');
  }

  // Storage.

  /** Writes refused: what was answered before stays true, what waits for storage is uncertain. */
  private refuse(reason: string): void {
    this.refusal = reason;
    this.run?.machine.refuse(reason);
    if (this.policy === 'always') this.sessions.fail();
    this.tell({ persistence: 'failed', detail: reason });
    this.wanted();
  }

  private mend(): void {
    this.refusal = '';
    this.run?.machine.refuse('');
    this.tell({ detail: '' });
    this.wanted();
  }

  /** Compacts a log that has outgrown its base. */
  private compactLong(): void {
    const { run } = this;
    if (!run?.commit || this.compacting || this.moving || performance.now() < this.compactAfter) return;
    const { commit, manifest } = run;
    const log = commit.stored - manifest.start;
    if (worthwhile(log, commit.records, manifest.bytes)) void this.compact(run);
  }

  /** Replaces base and log by a new base, for the requests that wait for it or because the log is long. */
  private async compact(run: Run): Promise<void> {
    if (this.compacting) return;
    this.compacting = true;
    const requests = this.wantedSaves.splice(0);
    const failure = await this.writeBase(run);
    this.compacting = false;
    for (const wake of this.settledWaiters.splice(0)) wake();
    if (failure) this.compactAfter = performance.now() + COMPACT_PAUSE_MS;
    for (const request of requests) this.finish(run, request, failure);
    if (this.run && this.wantedSaves.length > 0) void this.compact(this.run);
    else this.compactLong();
  }

  private async writeBase(run: Run): Promise<string> {
    const { machine, journal, commit } = run;
    if (!journal || !commit) return 'nothing is kept in this tab';
    // The picture is taken between two slices, when nothing of the journal is on its way.
    const turn = async () => {
      await this.nextTurn();
      this.check(run);
    };
    try {
      await turn();
      const offset = commit.barrier();
      const begin = run.origin + machine.snapshotBegin(this.clock.now());
      if (begin !== offset) throw new Error(`the picture stands at ${begin}, the log at ${offset}`);
      run.manifest = await compact(machine, journal, commit, { offset, slice: SLICE_MS / 2, turn });
      commit.records = 0;
      this.outdate();
      return '';
    } catch (error) {
      if (error instanceof NotOwner) this.disowned();
      return describe(error);
    }
  }

  private nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.turnWaiters.push(resolve);
      this.startTurn();
    });
  }

  // Status.

  /** Changes the status and tells the page at once. */
  private tell(change: Partial<Status>): void {
    this.status = { ...this.status, ...change, persistence: this.persistence() };
    clearTimeout(this.statusTimer);
    this.statusTimer = undefined;
    post({ type: 'status', status: this.status });
  }

  /** The figures have changed: the page is told soon. */
  private outdate(): void {
    this.statusTimer ??= setTimeout(() => {
      this.statusTimer = undefined;
      this.tell(this.figures());
    }, STATUS_MS);
  }

  private figures(): Partial<Status> {
    const { run } = this;
    if (!run) return {};
    try {
      run.machine.rest();
      const { keys, memory } = run.machine.door.status();
      return { keys, memory, journal: this.offset - run.manifest.start };
    } catch {
      return {}; // a broken engine is noticed by the next slice
    }
  }

  private persistence(): Status['persistence'] {
    const { commit } = this.run ?? {};
    if (!commit) return this.run ? 'memory' : this.status.persistence;
    if (commit.failing) return 'failed';
    return commit.pending > 0 ? 'saving' : 'saved';
  }
}

function lines(values: Record<string, string | number>): Parameter[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

function post(message: FromWorker): void {
  scope.postMessage(message);
}

let worker: Worker | undefined;

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.type === 'init') worker = new Worker(message);
  else worker?.receive(message);
};
