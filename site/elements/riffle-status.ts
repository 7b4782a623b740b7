import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Policy, Status } from '../../wasm/engine.ts';
import { chooseHome } from '../home.ts';
import { isKey, t } from '../i18n.ts';
import type { ConsoleModel } from '../model/console.ts';
import { RiffleElement, shared } from './base.ts';

const POLICIES: readonly Policy[] = ['always', 'everysec', 'no'];
const UNITS = ['B', 'kB', 'MB', 'GB'];

/** Where the data stands: always a word, and on request how much there is and when it is called safe. */
@customElement('riffle-status')
export class RiffleStatus extends RiffleElement {
  @property({ attribute: false }) model: ConsoleModel | null = null;

  static override styles = [shared, css`
    button {
      display: flex;
      gap: 0.5rem;
      align-items: center;
      border-color: transparent;
      background: none;
      white-space: nowrap;
    }
    i {
      width: 0.55rem;
      height: 0.55rem;
      border-radius: 50%;
      background: var(--good);
    }
    i.saving, i.loading { background: var(--accent); }
    i.memory, i.starting, i.waiting, i.restarting { background: var(--wary); }
    i.failed, i.lost { background: var(--bad); }
    [popover] {
      inset: 3.4rem var(--edge) auto auto;
      width: min(24rem, calc(100vw - 2rem));
      margin: 0;
      padding: 1rem 1.2rem 1.2rem;
      border: 1px solid var(--line);
      border-radius: var(--round);
      background: var(--raised);
      color: var(--ink);
      box-shadow: 0 6px 24px var(--shade);
    }
    h2 { margin: 0 0 0.3rem; font-size: 1rem; }
    p { margin: 0 0 0.8rem; color: var(--quiet); }
    dl { display: grid; grid-template-columns: 1fr auto; gap: 0.2rem 1rem; margin: 0 0 1rem; }
    dd { margin: 0; font-variant-numeric: tabular-nums; }
    input { accent-color: var(--accent); }
    fieldset { margin: 0; padding: 0; border: 0; }
    fieldset + fieldset { margin-top: 1rem; }
    legend { padding: 0; font-weight: 600; }
    fieldset label { display: grid; grid-template-columns: auto 1fr; gap: 0 0.6rem; padding-top: 0.5rem; }
    small { grid-column: 2; color: var(--quiet); font-size: var(--small); }
    code { font-family: var(--mono); }
  `];

  protected override sources() {
    return [this.model];
  }

  protected override render() {
    if (!this.model) return nothing;
    const { status } = this.model;
    const name = shownState(status);
    return html`
      <button popovertarget="panel">
        <i class=${name}></i>
        <span><span class="unseen">${t('status.label')} </span>${t(`status.${name}`)}</span>
      </button>
      <div id="panel" popover>
        <h2>${t(`status.${name}`)}</h2>
        <p>${t(status.home === 'server' ? `status.${name}.server` : `status.${name}.browser`)}</p>
        <dl>
          <dt>${t('status.keys')}</dt><dd>${status.keys.toLocaleString()}</dd>
          <dt>${t('status.usage')}</dt><dd>${bytes(status.memory)}</dd>
          <dt>${t('status.journal')}</dt><dd>${bytes(status.journal)}</dd>
        </dl>
        <fieldset>
          <legend>${t('policy.label')}</legend>
          ${POLICIES.map((policy) => html`
            <label>
              <input type="radio" name="policy" value=${policy} .checked=${policy === status.policy}
                @change=${() => this.model!.setPolicy(policy)}>
              <span><code>${policy}</code></span><small>${t(`policy.${policy}`)}</small>
            </label>`)}
        </fieldset>
        ${this.#homes()}
      </div>`;
  }

  /** The choice between this browser's engine and the server's, where there is one. */
  #homes() {
    const { homes, status } = this.model!;
    if (homes.length < 2) return nothing;
    return html`
      <fieldset>
        <legend>${t('home.label')}</legend>
        ${homes.map((home) => html`
          <label>
            <input type="radio" name="home" value=${home} .checked=${home === status.home}
              @change=${() => chooseHome(home)}>
            <span>${t(`home.${home}`)}</span><small>${t(`home.${home}.hint`)}</small>
          </label>`)}
      </fieldset>`;
  }
}

/** What has gone wrong comes before where the data stands. */
function shownState(status: Status) {
  if (status.state !== 'running') return status.state;
  return status.loading ? 'loading' : status.persistence;
}

function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log(count) / Math.log(1000)), UNITS.length - 1);
  const shown = (count / 1000 ** power).toLocaleString(undefined, { maximumFractionDigits: power ? 1 : 0 });
  return `${shown} ${UNITS[power]}`;
}

/** The sentence for a problem of the engine: what happened and what to do. */
export function problemText({ problem, detail }: Status): string {
  const key = `problem.${problem}`;
  return isKey(key) ? t(key) : t('problem.unknown', { detail: detail || problem });
}
