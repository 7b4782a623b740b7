import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { CommandIndex, Completion } from '../commands.ts';
import { t } from '../i18n.ts';
import type { SessionModel } from '../model/session.ts';
import { RiffleElement, shared } from './base.ts';
import './riffle-hint.ts';

/** Where completion stands: which lines are offered, and which one stands in the input. */
interface Offer {
  /** The line as typed, before any completion was put in. */
  line: string;
  completions: Completion[];
  chosen: number;
}

/**
 * The input line of a session: a native text field, so that every input method and every software
 * keyboard works. Up and Down walk through history, Tab through completions, Escape closes them.
 */
@customElement('riffle-input')
export class RiffleInput extends RiffleElement {
  @property({ attribute: false }) session!: SessionModel;
  @property({ attribute: false }) commands: CommandIndex | null = null;
  @state() private offer: Offer | null = null;
  @query('input') private field!: HTMLInputElement;
  /** How far back in history the line comes from; 0 is the line being typed. */
  #back = 0;
  #typed = '';

  static override styles = [shared, css`
    :host { position: relative; }
    .line {
      display: flex;
      gap: 1ch;
      align-items: baseline;
      padding: 0.5rem 0.9rem 0;
      font: var(--code);
    }
    label { color: var(--accent); white-space: nowrap; }
    input {
      flex: 1;
      min-width: 0;
      padding: 0.15rem 0;
      border: 0;
      background: none;
      caret-color: var(--accent);
    }
    input:focus { outline: none; }
    input::placeholder { color: var(--quiet); opacity: 1; }
    .line:focus-within { box-shadow: inset 0 2px var(--accent); }
    riffle-hint { padding: 0 0.9rem 0.2rem; }
    ul {
      position: absolute;
      inset: auto 0.6rem 100%;
      z-index: 2;
      max-height: 15rem;
      margin: 0;
      padding: 0.25rem;
      overflow: auto;
      border: 1px solid var(--line);
      border-radius: var(--round);
      background: var(--raised);
      box-shadow: 0 6px 24px var(--shade);
      list-style: none;
    }
    li {
      display: flex;
      gap: 1rem;
      align-items: baseline;
      padding: 0.25rem 0.5rem;
      border-radius: calc(var(--round) - 2px);
      cursor: pointer;
    }
    li b { font-family: var(--mono); font-weight: 500; }
    li span {
      flex: 1;
      overflow: hidden;
      color: var(--quiet);
      font-size: var(--small);
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    li[aria-selected='true'] { background: var(--chosen); }
    @media (pointer: coarse) {
      li { padding-block: 0.55rem; }
      .line { font-size: max(1rem, 16px); }
    }
  `];

  protected override sources() {
    return [this.session];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.session.addEventListener('draft', this.#show);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.removeEventListener('draft', this.#show);
  }

  override focus(): void {
    this.field?.focus();
  }

  protected override render() {
    const { prompt, title, draft } = this.session;
    const list = this.offer?.completions ?? [];
    const chosen = this.offer?.chosen ?? -1;
    return html`
      <div class="line">
        <label for="line">${prompt}</label>
        <input id="line" type="text" role="combobox" .value=${draft}
          aria-label=${t('input.label', { session: title })}
          aria-autocomplete="list" aria-controls="list" aria-expanded=${list.length > 0}
          aria-activedescendant=${chosen >= 0 ? `option-${chosen}` : nothing}
          placeholder=${this.session.entries.length ? '' : t('input.placeholder')}
          aria-describedby="hint" enterkeyhint="send" autocomplete="off" autocapitalize="off"
          autocorrect="off" spellcheck="false"
          @input=${this.#edit} @keydown=${this.#key} @paste=${this.#paste} @blur=${this.#leave}>
      </div>
      <ul id="list" role="listbox" aria-label=${t('input.completions')} ?hidden=${!list.length}>
        ${list.map(this.#option)}
      </ul>
      <riffle-hint id="hint" .hint=${this.commands?.hint(draft) ?? null}></riffle-hint>`;
  }

  protected override updated(): void {
    super.updated();
    this.renderRoot.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  #option = ({ text, summary }: Completion, i: number) => html`
    <li id=${`option-${i}`} role="option" aria-selected=${i === this.offer?.chosen}
      @pointerdown=${(event: Event) => event.preventDefault()} @click=${() => this.#take(i)}>
      <b>${text}</b>${summary ? html`<span lang="en">${summary}</span>` : nothing}
    </li>`;

  /** The draft changed elsewhere: an example types, a paste left its last line. */
  #show = (): void => {
    if (this.field && this.field.value !== this.session.draft) this.offer = null;
    this.requestUpdate();
  };

  #edit = (): void => {
    this.#back = 0;
    this.session.setDraft(this.field.value);
    const completions = this.commands?.complete(this.field.value) ?? [];
    this.offer = completions.length ? { line: this.field.value, completions, chosen: -1 } : null;
  };

  #key = (event: KeyboardEvent): void => {
    // An input method that is composing uses Enter, Tab and the arrows itself; 229 is how some say so.
    if (event.isComposing || event.keyCode === 229) return;
    switch (event.key) {
      case 'Enter': this.#submit(); break;
      case 'Tab': if (!this.#cycle(event.shiftKey ? -1 : 1)) return; break;
      case 'Escape': if (!this.offer) return; this.offer = null; break;
      case 'ArrowUp': this.#walk(1); break;
      case 'ArrowDown': this.#walk(-1); break;
      case 'l': if (!event.ctrlKey) return; this.session.clear(); break;
      default: return;
    }
    event.preventDefault();
  };

  #submit(): void {
    this.offer = null;
    this.#back = 0;
    this.session.submit(this.field.value);
  }

  #paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.field;
    this.offer = null;
    this.session.paste(value.slice(0, selectionStart ?? 0) + text + value.slice(selectionEnd ?? value.length));
  };

  #leave = (): void => {
    this.offer = null;
  };

  /** Puts the next completion into the line. Returns false if there is none to put. */
  #cycle(step: number): boolean {
    if (!this.offer) return false;
    const { completions, chosen } = this.offer;
    const next = chosen < 0 && step < 0 ? completions.length - 1 : chosen + step;
    this.#put((next + completions.length) % completions.length);
    return true;
  }

  #take(i: number): void {
    this.#put(i);
    this.offer = null;
    this.focus();
  }

  #put(i: number): void {
    const { line, completions } = this.offer!;
    const text = completions[i]!.text;
    const lower = /[a-z]$/.test(line);
    this.session.setDraft(line.replace(/\S*$/, '') + (lower ? text.toLowerCase() : text) + ' ');
    this.offer = { line, completions, chosen: i };
  }

  #walk(step: number): void {
    const { history, draft } = this.session;
    const back = Math.min(Math.max(this.#back + step, 0), history.length);
    if (back === this.#back) return;
    if (this.#back === 0) this.#typed = draft;
    this.#back = back;
    this.offer = null;
    this.session.setDraft(back ? history[history.length - back]! : this.#typed);
  }
}
