import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { t } from '../i18n.ts';
import type { ConsoleModel } from '../model/console.ts';
import { RiffleElement, shared } from './base.ts';
import { problemText } from './riffle-status.ts';

/** Problems that leave stored bytes which the engine could not use. */
const UNREAD = ['recovered-partly', 'base-unreadable'];

/** Says above everything else what keeps the engine from working, and offers the way out. */
@customElement('riffle-notice')
export class RiffleNotice extends RiffleElement {
  @property({ attribute: false }) model: ConsoleModel | null = null;

  static override styles = [shared, css`
    div {
      display: flex;
      flex-wrap: wrap;
      gap: 0.5rem 1rem;
      align-items: center;
      padding: 0.7rem var(--edge);
      border-bottom: 1px solid var(--line);
      background: var(--chosen);
    }
    p { flex: 1 1 20rem; margin: 0; }
    details { flex-basis: 100%; color: var(--quiet); font-size: var(--small); }
  `];

  /** The problem that the person has read and closed. */
  @state() private read = '';

  protected override sources() {
    return [this.model];
  }

  protected override render() {
    return html`<section aria-live="assertive" aria-label=${t('notice.label')}>${this.#content()}</section>`;
  }

  #content() {
    const status = this.model?.status;
    if (!status) return nothing;
    if (status.state === 'waiting') {
      return html`<div><p>${t('notice.waiting')}</p>
        <button class="main" @click=${() => this.model!.takeOver()}>${t('notice.takeOver')}</button></div>`;
    }
    if (status.state === 'restarting') return html`<div><p>${t('notice.restarting')}</p></div>`;
    const lost = status.state === 'lost';
    if (!lost && (!status.problem || status.problem === this.read)) return nothing;
    return html`<div><p>${problemText(status)}</p>
      ${this.#rescue(status.problem)}
      ${lost
        ? html`<button class="main" @click=${() => location.reload()}>${t('notice.reload')}</button>`
        : html`<button @click=${() => (this.read = status.problem)}>${t('notice.close')}</button>`}
      ${status.detail ? html`
        <details>
          <summary>${t('notice.detail')}</summary><span lang="en">${status.detail}</span>
        </details>` : nothing}
    </div>`;
  }

  /** Damaged data is kept until the person has it, or does not want it. */
  #rescue(problem: string) {
    const rescuer = this.model!.rescuer;
    if (!rescuer || !UNREAD.includes(problem)) return nothing;
    return html`
      <button @click=${this.#download}>${t('notice.download')}</button>
      ${problem === 'recovered-partly'
        ? html`<button @click=${() => rescuer.discard()}>${t('notice.discard')}</button>` : nothing}`;
  }

  #download = async (): Promise<void> => {
    const blob = await this.model!.rescuer!.rescue();
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'riffle-unread.bin';
    link.click();
    URL.revokeObjectURL(link.href);
  };
}
