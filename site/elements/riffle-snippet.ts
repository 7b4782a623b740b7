import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Step } from '../examples.ts';
import { t } from '../i18n.ts';
import type { ConsoleModel } from '../model/console.ts';
import { Player } from '../model/player.ts';
import type { SessionModel } from '../model/session.ts';
import { RiffleElement, shared } from './base.ts';
import './riffle-session.ts';

/**
 * A runnable block of a page, with sessions of its own. Its content is readable without a script:
 *
 *   <riffle-snippet keys="mystream">
 *     <ol>
 *       <li data-session="producer"><code>XADD mystream * key1 val1</code></li>
 *       <li data-session="consumer"><code>XREAD COUNT 1 STREAMS mystream 0</code></li>
 *     </ol>
 *   </riffle-snippet>
 *
 * Sessions open when the person runs a line for the first time.
 */
@customElement('riffle-snippet')
export class RiffleSnippet extends RiffleElement {
  @property({ attribute: false }) model: ConsoleModel | null = null;
  /** The keys that Reset deletes, separated by blanks. */
  @property() keys = '';
  @state() private sessions: SessionModel[] = [];
  @state() private played = 0;
  #titles: string[] = [];
  #steps: Step[] = [];
  #player = new Player();

  static override styles = [shared, css`
    :host {
      margin-block: 1.4rem;
      padding: 1rem;
      border: 1px solid var(--line);
      border-radius: var(--round);
      background: var(--sunk);
    }
    ol { display: grid; gap: 0.15rem; margin: 0; padding: 0; list-style: none; counter-reset: step; }
    li button {
      display: grid;
      grid-template-columns: 1.4rem 6.5rem minmax(0, 1fr);
      gap: 0.6rem;
      align-items: baseline;
      width: 100%;
      border-color: transparent;
      background: none;
      text-align: left;
    }
    li button::before { content: counter(step); counter-increment: step; color: var(--quiet); }
    li button:hover { background: var(--raised); }
    li span { overflow: hidden; color: var(--quiet); font-size: var(--small); text-overflow: ellipsis; }
    code { font: var(--code); overflow-wrap: anywhere; }
    li.next code { color: var(--accent); font-weight: 600; }
    .bar { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 0.8rem; }
    .sessions {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr));
      gap: 0.8rem;
      margin-top: 1rem;
    }
    riffle-session { height: 17rem; }
    @media (max-width: 36rem) {
      :host { padding: 0.7rem; }
      li button { grid-template-columns: 1.5rem minmax(0, 1fr); }
      li button code { grid-column: 2; }
    }
  `];

  protected override sources() {
    return [this.model];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('model') && !this.#steps.length) this.#read();
  }

  protected override render() {
    if (!this.model) return html`<slot></slot>`;
    return html`
      <ol>${this.#steps.map(this.#step)}</ol>
      <div class="bar">
        <button class="main" @click=${() => this.#run(this.#steps)}>${t('snippet.run')}</button>
        ${this.sessions.length ? html`<button @click=${this.#reset}>${t('snippet.reset')}</button>` : nothing}
      </div>
      ${this.sessions.length ? html`<div class="sessions">${this.sessions.map((session) => html`
        <riffle-session fixed .model=${this.model!} .session=${session}></riffle-session>`)}</div>` : nothing}`;
  }

  #step = (step: Step, i: number) => html`
    <li class=${i === this.played ? 'next' : ''}>
      <button @click=${() => this.#runOne(step, i)}>
        <span>${this.#titles[step.session]}</span><code>${step.line}</code>
      </button>
    </li>`;

  #read(): void {
    for (const item of this.querySelectorAll<HTMLElement>('li[data-session]')) {
      const title = item.dataset.session!;
      if (!this.#titles.includes(title)) this.#titles.push(title);
      this.#steps.push({ session: this.#titles.indexOf(title), line: item.textContent!.trim() });
    }
  }

  #runOne(step: Step, i: number): void {
    this.#open();
    this.played = i + 1;
    this.sessions[step.session]!.submit(step.line);
  }

  async #run(steps: Step[]): Promise<void> {
    this.#open();
    await this.#deleteKeys();
    for (const session of this.sessions) session.clear();
    this.played = steps.length;
    await this.#player.play(steps, this.sessions);
  }

  #open(): void {
    if (!this.sessions.length) this.sessions = this.#titles.map((title) => this.model!.open(title));
  }

  /** Closes the sessions and deletes what they made. */
  #reset = async (): Promise<void> => {
    for (const session of this.sessions) this.model!.close(session);
    this.sessions = [];
    this.played = 0;
    await this.#deleteKeys();
  };

  async #deleteKeys(): Promise<void> {
    const keys = this.keys.split(' ').filter(Boolean);
    if (keys.length) await this.model!.control.call('DEL', ...keys);
  }
}
