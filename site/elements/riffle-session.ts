import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { syntax, type CommandDoc } from '../commands.ts';
import { isKey, language, t } from '../i18n.ts';
import type { ConsoleModel } from '../model/console.ts';
import type { Entry, Note, SessionModel } from '../model/session.ts';
import { RiffleElement, shared } from './base.ts';
import './riffle-input.ts';
import './riffle-reply.ts';

/** Shorter waits are just a command under way. */
const SHOW_WAIT_MS = 300;
const SECOND_MS = 1000;

/** Entries that one drawing may add: each costs as much as a short command takes in all. */
const MOST_NEW = 16;

/** The youngest entries, laid out whether they can be seen or not: the end of a transcript stays put. */
const LAID_OUT = 60;

/** A transcript, what the session waits for, and its input line. Fires 'close' when the person closes it. */
@customElement('riffle-session')
export class RiffleSession extends RiffleElement {
  @property({ attribute: false }) model!: ConsoleModel;
  @property({ attribute: false }) session!: SessionModel;
  /** Whether the person may rename and close it. */
  @property({ type: Boolean }) fixed = false;
  @query('.transcript') private transcript!: HTMLElement;
  #timer = 0;
  #following = true;
  /** What is to be done at the next frame, each once however often it was asked for. */
  #frame = { scroll: false, draw: false };
  /** The oldest entry on show and the newest, by id. */
  #oldest = Infinity;
  #newest = 0;

  static override styles = [shared, css`
    :host {
      display: flex;
      flex-direction: column;
      min-height: 0;
      border: 1px solid var(--line);
      border-radius: var(--round);
      background: var(--raised);
      overflow: clip;
    }
    :host(:focus-within) { border-color: color-mix(in oklab, var(--accent) 55%, var(--line)); }
    header {
      display: flex;
      gap: 0.25rem;
      align-items: center;
      padding: 0.35rem 0.4rem 0.35rem 0.9rem;
      border-bottom: 1px solid var(--line);
      font-size: var(--small);
    }
    header h2, header input {
      flex: 1;
      min-width: 0;
      margin: 0;
      padding: 0.15rem 0;
      border: 0;
      background: none;
      font-size: inherit;
      font-weight: 600;
    }
    header input { border-radius: 2px; }
    header button { color: var(--quiet); }
    .transcript {
      flex: 1;
      min-height: 0;
      padding: 0.7rem 0.9rem;
      overflow: auto;
      overscroll-behavior: contain;
      font: var(--code);
    }
    .entry { display: flow-root; }
    .entry.past { content-visibility: auto; contain-intrinsic-size: auto 3em; }
    .entry + .entry { margin-top: 0.35rem; }
    .typed { white-space: pre-wrap; overflow-wrap: anywhere; }
    .typed span { color: var(--accent); }
    .note, .help p { margin: 0; color: var(--quiet); font-family: var(--sans); white-space: pre-line; }
    .message {
      padding-left: 0.7rem;
      border-left: 3px solid var(--accent);
    }
    .help { margin: 0.3rem 0 0.5rem; }
    .help b { font-weight: 600; }
    .wait {
      display: flex;
      gap: 0.6rem;
      align-items: center;
      padding: 0.35rem 0.5rem 0.35rem 0.9rem;
      background: var(--chosen);
      font-size: var(--small);
    }
    .wait span { flex: 1; min-width: 0; overflow-wrap: anywhere; }
    .wait i {
      width: 0.55rem;
      height: 0.55rem;
      border-radius: 50%;
      background: var(--accent);
      animation: breathe 1.6s ease-in-out infinite;
    }
    @keyframes breathe { 50% { opacity: 0.25; } }
    @media (prefers-reduced-motion: reduce) { .wait i { animation: none; } }
    riffle-input { border-top: 1px solid var(--line); }
  `];

  protected override sources() {
    return [this.session, this.model];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => this.session.running && this.requestUpdate(), SECOND_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render() {
    const { title } = this.session;
    const entries = this.#window();
    return html`
      <header>
        ${this.fixed ? html`<h2>${title}</h2>` : html`
          <input .value=${title} aria-label=${t('session.name')} maxlength="40" spellcheck="false"
            @change=${this.#rename} @keydown=${this.#leaveOnEnter}>`}
        <button class="plain" @click=${() => this.session.clear()}
          aria-label=${t('session.clearNamed', { session: title })}>${t('session.clear')}</button>
        ${this.fixed ? nothing : html`
          <button class="plain" @click=${() => this.dispatchEvent(new Event('close'))}
            aria-label=${t('session.close', { session: title })}>✕</button>`}
      </header>
      <div class="transcript" role="log" aria-live="polite" tabindex="0"
        aria-label=${t('session.transcript', { session: title })}
        @scroll=${this.#scrolled} @click=${this.#clicked}>
        ${repeat(entries, (entry) => entry.id, (entry, i) => this.#kept(entry, entries.length - i > LAID_OUT))}
      </div>
      ${this.#wait()}
      <riffle-input .session=${this.session} .commands=${this.model.commands}></riffle-input>`;
  }

  /** Stays at the end while new lines come, unless the person scrolled away from it. */
  protected override updated(): void {
    super.updated();
    if (this.#following) this.#atFrame('scroll', () => (this.transcript.scrollTop = this.transcript.scrollHeight));
  }

  #atFrame(what: 'scroll' | 'draw', work: () => void): void {
    if (this.#frame[what]) return;
    this.#frame[what] = true;
    requestAnimationFrame(() => {
      this.#frame[what] = false;
      work();
    });
  }

  /**
   * The entries to show. After a flood that is its end only, so that no drawing takes long; what stands
   * before it is added drawing by drawing once the flood is over.
   */
  #window(): Entry[] {
    const { entries, busy } = this.session;
    let first = entries.findIndex((entry) => entry.id >= this.#oldest);
    const seen = entries.findLastIndex((entry) => entry.id <= this.#newest);
    if (first < 0 || entries.length - 1 - seen > MOST_NEW) first = Math.max(0, entries.length - MOST_NEW);
    else if (!busy) first = Math.max(0, first - Math.max(0, MOST_NEW - (entries.length - 1 - seen)));
    this.#oldest = entries[first]?.id ?? Infinity;
    this.#newest = entries.at(-1)?.id ?? this.#newest;
    if (first > 0 && !busy) this.#atFrame('draw', () => this.requestUpdate());
    return entries.slice(first);
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('riffle-input')?.focus();
  }

  /** Draws an entry if it changed: there may be a thousand, and every command draws them twice. */
  #kept(entry: Entry, past: boolean) {
    const { replies, help, notes } = entry;
    const shown = [past, replies.length, help, notes, notes.length, language.current];
    return guard(shown, () => this.#entry(entry, past));
  }

  #entry = (entry: Entry, past: boolean) => html`
    <div class="entry ${past ? 'past' : ''} ${entry.typed ? '' : entry.replies.length ? 'message' : ''}">
      ${entry.typed ? html`
        <div class="typed"><span>${entry.typed.prompt}</span> ${entry.typed.line}</div>` : nothing}
      ${entry.help.map(helpText)}
      ${entry.replies.map((reply) => html`<riffle-reply .reply=${reply}></riffle-reply>`)}
      ${entry.notes.map((note) => html`<p class="note">${noteText(note)}</p>`)}
    </div>`;

  #wait() {
    const text = this.#waitText();
    if (!text) return nothing;
    const { session } = this;
    const stoppable = session.waitingFor || session.monitoring || session.subscriptions.size;
    return html`
      <div class="wait">
        <i></i><span>${text}</span>
        ${stoppable ? html`<button @click=${this.#cancel}>
          ${t(session.waitingFor ? 'wait.cancel' : 'wait.stop')}</button>` : nothing}
      </div>`;
  }

  #waitText(): string {
    const { running, waitingFor, monitoring, subscriptions } = this.session;
    if (this.model.status.state === 'starting') return running ? t('wait.starting') : '';
    if (running && Date.now() - running.since >= SHOW_WAIT_MS) {
      const seconds = Math.floor((Date.now() - running.since) / SECOND_MS);
      const what = waitingFor?.length ? waitingFor.join(', ') : running.args[0]!;
      return t(waitingFor ? 'wait.keys' : 'wait.running', { what, seconds });
    }
    // The reply of a quick command comes before this; one that waits is drawn again when it counts.
    if (running) setTimeout(() => this.requestUpdate(), SHOW_WAIT_MS);
    if (monitoring) return t('wait.monitoring');
    return subscriptions.size ? t('wait.subscribed', { what: subscriptions.names.join(', ') }) : '';
  }

  #cancel = (): void => {
    void this.session.cancel();
    this.focus();
  };

  #rename = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    this.session.rename(field.value);
    field.value = this.session.title;
  };

  #leaveOnEnter = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.isComposing) this.focus();
  };

  #scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.transcript;
    this.#following = scrollHeight - scrollTop - clientHeight < 8;
  };

  /** A click beside the text goes to the input, as in a terminal; selecting text does not. */
  #clicked = (): void => {
    if (getSelection()?.isCollapsed !== false && matchMedia('(pointer: fine)').matches) this.focus();
  };
}

function noteText({ key, values }: Note): string {
  return isKey(key) ? t(key, values) : key;
}

function helpText(doc: CommandDoc) {
  return html`
    <div class="help">
      <b>${syntax(doc)}</b>
      <p lang="en">${doc.summary}</p>
      <p>${t('hint.since')} ${doc.since} · ${doc.group}</p>
    </div>`;
}
