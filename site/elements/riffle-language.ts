import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { language, LANGUAGES, t } from '../i18n.ts';
import { RiffleElement, shared } from './base.ts';

/** Chooses the page's language. */
@customElement('riffle-language')
export class RiffleLanguage extends RiffleElement {
  static override styles = shared;

  protected override render() {
    return html`
      <select aria-label=${t('language.label')} @change=${this.#choose}>
        ${Object.entries(LANGUAGES).map(([tag, name]) => html`
          <option value=${tag} lang=${tag} ?selected=${tag === language.current}>${name}</option>`)}
      </select>`;
  }

  #choose = (event: Event): void => language.choose((event.target as HTMLSelectElement).value);
}
