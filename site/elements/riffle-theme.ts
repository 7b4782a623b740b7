import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { t } from '../i18n.ts';
import { recall, remember } from '../model/storage.ts';
import { RiffleElement, shared } from './base.ts';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** Writes a remembered theme into the document; the style sheet does the rest. */
export function applyTheme(theme: Theme = recall<Theme>('theme', 'system')): void {
  document.documentElement.dataset.theme = theme;
}

/** Chooses light, dark, or what the system says. */
@customElement('riffle-theme')
export class RiffleTheme extends RiffleElement {
  static override styles = shared;

  protected override render() {
    const current = recall<Theme>('theme', 'system');
    return html`
      <select aria-label=${t('theme.label')} @change=${this.#choose}>
        ${THEMES.map((theme) => html`
          <option value=${theme} ?selected=${theme === current}>${t(`theme.${theme}`)}</option>`)}
      </select>`;
  }

  #choose = (event: Event): void => {
    const theme = (event.target as HTMLSelectElement).value as Theme;
    remember('theme', theme === 'system' ? undefined : theme);
    applyTheme(theme);
  };
}
