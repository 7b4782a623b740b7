import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Hint } from '../commands.ts';
import { t } from '../i18n.ts';
import { RiffleElement, shared } from './base.ts';

/** The syntax of the command being typed, what is expected next, and more on request. */
@customElement('riffle-hint')
export class RiffleHint extends RiffleElement {
  @property({ attribute: false }) hint: Hint | null = null;

  static override styles = [shared, css`
    :host {
      min-height: 2.1rem;
      color: var(--quiet);
      font-size: var(--small);
    }
    details { overflow: hidden; }
    summary {
      padding-block: 0.1rem 0.3rem;
      overflow: hidden;
      font-family: var(--mono);
      text-overflow: ellipsis;
      white-space: nowrap;
      cursor: pointer;
      list-style: none;
    }
    summary::-webkit-details-marker { display: none; }
    summary::after { content: ' …'; color: var(--accent); }
    details[open] summary { white-space: normal; }
    details[open] summary::after { content: ''; }
    b { color: var(--accent); font-weight: 600; }
    p { margin: 0.2rem 0; color: var(--ink); }
    dl { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; margin: 0.2rem 0; }
    dl div { display: flex; gap: 0.4rem; }
    dd { margin: 0; color: var(--ink); }
    code { font-family: var(--mono); }
  `];

  protected override render() {
    if (!this.hint) return nothing;
    const { doc, parts } = this.hint;
    return html`
      <details>
        <summary>${doc.name}${parts.map(({ text, state }) => html` ${
          state === 'now' ? html`<b>${text}</b>` : html`<span class=${state}>${text}</span>`}`)}</summary>
        <p lang="en">${doc.summary}</p>
        <dl>
          ${fact(t('hint.since'), doc.since)} ${fact(t('hint.complexity'), doc.complexity)}
        </dl>
        ${doc.example ? html`<p>${t('hint.example')} <code>${doc.example}</code></p>` : nothing}
      </details>`;
  }
}

function fact(name: string, value: string) {
  return value ? html`<div><dt>${name}</dt><dd lang="en">${value}</dd></div>` : nothing;
}
