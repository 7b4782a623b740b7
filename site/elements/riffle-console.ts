import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { type Example, EXAMPLES } from '../examples.ts';
import { t } from '../i18n.ts';
import type { ConsoleModel } from '../model/console.ts';
import { Player } from '../model/player.ts';
import type { SessionModel } from '../model/session.ts';
import { recall, remember } from '../model/storage.ts';
import { RiffleElement, shared } from './base.ts';
import './riffle-session.ts';

const FIRST_VIEW = 2;
const NARROW = '(max-width: 50rem)';

/**
 * The console: what a newcomer can try, and sessions side by side.
 *
 *   <riffle-console>
 *     <riffle-session>            one for each connection
 *       <riffle-reply> ...        the transcript
 *       <riffle-input>            <riffle-hint>
 */
@customElement('riffle-console')
export class RiffleConsole extends RiffleElement {
  @property({ attribute: false }) model: ConsoleModel | null = null;
  @state() private example: Example | null = null;
  #player = new Player();

  static override styles = [shared, css`
    :host {
      display: grid;
      grid-template-columns: minmax(15rem, 19rem) minmax(0, 1fr);
      gap: 0 var(--edge);
      height: 100%;
      min-height: 0;
      padding: 0 var(--edge) var(--edge);
    }
    aside { min-height: 0; padding-right: 0.3rem; overflow: auto; }
    h1 {
      margin: 0.2rem 0 0.6rem;
      font-size: 1.45rem;
      line-height: 1.25;
      letter-spacing: -0.01em;
      text-wrap: balance;
    }
    aside p { margin: 0 0 1rem; color: var(--quiet); }
    h2 { margin: 1.2rem 0 0.5rem; font-size: var(--small); font-weight: 600; color: var(--quiet); }
    ul { margin: 0; padding: 2px; list-style: none; }
    li button {
      width: 100%;
      padding: 0.5rem 0.7rem;
      border-color: transparent;
      border-radius: var(--round);
      background: none;
      text-align: left;
    }
    li button:hover { background: var(--chosen); }
    li button[aria-pressed='true'] { background: var(--chosen); color: var(--accent); font-weight: 600; }
    aside li p { margin: 0.1rem 0.7rem 0.7rem; font-size: var(--small); }
    .sessions {
      display: grid;
      grid-auto-rows: minmax(14rem, 1fr);
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
      gap: 0.8rem;
      min-height: 0;
      overflow: auto;
    }
    section { display: flex; flex-direction: column; min-height: 0; }
    .sessions { flex: 1; }
    .add { align-self: start; margin-top: 0.7rem; }
    @media (max-width: 50rem) {
      :host { display: block; height: auto; }
      aside { padding: 0; overflow: visible; }
      ul {
        display: flex;
        gap: 0.4rem;
        margin: 0 calc(-1 * var(--edge));
        padding: 2px var(--edge) 0.5rem;
        overflow-x: auto;
      }
      li { flex: none; }
      li button { border-color: var(--line); white-space: nowrap; }
      aside li p { display: none; }
      .sessions { grid-auto-rows: auto; overflow: visible; scroll-margin-top: 0.6rem; }
      riffle-session { height: clamp(14rem, 44svh, 26rem); }
    }
    @media (min-width: 50.01rem) { .about { display: none; } }
  `];

  protected override sources() {
    return [this.model];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('model') && this.model) this.#openRemembered(this.model);
  }

  protected override render() {
    if (!this.model) return nothing;
    return html`
      <aside>
        <h1>${t('intro.title')}</h1>
        <p>${t(`intro.${this.model.status.home}`)}</p>
        <h2 id="examples">${t('examples.title')}</h2>
        <ul aria-labelledby="examples">${EXAMPLES.map(this.#choice)}</ul>
        ${this.example ? html`<p class="about">${t(`example.${this.example.id}.text`)}</p>` : nothing}
      </aside>
      <section aria-label=${t('sessions.label')}>
        <div class="sessions">${repeat(this.model.sessions, (session) => session, this.#session)}</div>
        <button class="add" @click=${this.#add}>${t('sessions.add')}</button>
      </section>`;
  }

  #choice = (example: Example) => html`
    <li>
      <button data-example=${example.id} aria-pressed=${example === this.example}
        @click=${() => this.#play(example)}>
        ${t(`example.${example.id}.name`)}
      </button>
      ${example === this.example ? html`<p>${t(`example.${example.id}.text`)}</p>` : nothing}
    </li>`;

  #session = (session: SessionModel) => html`
    <riffle-session .model=${this.model!} .session=${session}
      @close=${() => this.#close(session)}></riffle-session>`;

  #play(example: Example): void {
    const model = this.model!;
    this.example = example;
    const needed = Math.max(...example.steps.map((step) => step.session)) + 1;
    while (model.sessions.length < needed) model.open();
    void this.#player.play(example.steps, model.sessions);
    void this.#showSessions();
  }

  /** On a phone the list of examples fills the screen; what they do must be seen. */
  async #showSessions(): Promise<void> {
    await this.updateComplete;
    if (matchMedia(NARROW).matches) this.renderRoot.querySelector('.sessions')!.scrollIntoView();
  }

  #add = async (): Promise<void> => {
    this.model!.open();
    this.#rememberSessions();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('riffle-session:last-of-type')?.focus();
  };

  #close(session: SessionModel): void {
    this.model!.close(session);
    this.#rememberSessions();
  }

  #openRemembered(model: ConsoleModel): void {
    const titles = recall<string[]>('sessions', []);
    if (titles.length) for (const title of titles) model.open(title);
    else for (let i = 0; i < FIRST_VIEW; i++) model.open();
    model.addEventListener('rename', this.#rememberSessions);
  }

  #rememberSessions = (): void => remember('sessions', this.model!.sessions.map((session) => session.title));
}
