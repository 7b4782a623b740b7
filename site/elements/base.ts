// What every element of ours shares: it redraws when the language or one of its models changes,
// and it brings the small set of rules that all of them need inside their shadow roots.

import { css, LitElement } from 'lit';
import { language } from '../i18n.ts';

/** An element that redraws on 'change' of the targets it names in `sources`. */
export abstract class RiffleElement extends LitElement {
  #watched = new Set<EventTarget>();
  #redraw = (): void => this.requestUpdate();

  /** The models this element shows. */
  protected sources(): (EventTarget | null | undefined)[] {
    return [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const target of this.#watched) target.removeEventListener('change', this.#redraw);
    this.#watched.clear();
  }

  protected override updated(): void {
    if (this.isConnected) this.#watch();
  }

  #watch(): void {
    const wanted = new Set([language, ...this.sources()].filter((target) => target != null));
    for (const target of this.#watched.difference(wanted)) target.removeEventListener('change', this.#redraw);
    for (const target of wanted.difference(this.#watched)) target.addEventListener('change', this.#redraw);
    this.#watched = wanted;
  }
}

export const shared = css`
  :host {
    display: block;
    box-sizing: border-box;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    padding: 0.25rem 0.7rem;
    border: 1px solid var(--line);
    border-radius: var(--round);
    background: var(--raised);
    cursor: pointer;
  }
  button:hover {
    border-color: var(--accent);
    color: var(--accent);
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.main {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  select {
    padding: 0.25rem 0.4rem;
    border: 1px solid transparent;
    border-radius: var(--round);
    background: var(--ground);
  }
  select:hover {
    border-color: var(--line);
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
