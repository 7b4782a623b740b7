import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatReply } from '../format.ts';
import { t } from '../i18n.ts';
import type { Reply } from '../resp.ts';
import { RiffleElement, shared } from './base.ts';

/** More than this is folded, so that a reply of a million elements cannot freeze the page. */
const FOLD_LINES = 200;
const FOLD_CHARS = 20_000;

/** One reply, printed as redis-cli prints it. */
@customElement('riffle-reply')
export class RiffleReply extends RiffleElement {
  @property({ attribute: false }) reply!: Reply;
  @state() private whole = false;

  static override styles = [shared, css`
    pre {
      margin: 0;
      font: inherit;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    .error { color: var(--bad); }
    .nil, .index { color: var(--quiet); }
    button { margin-block: 0.25rem; }
  `];

  protected override render() {
    const text = formatReply(this.reply);
    const shown = this.whole ? text : fold(text);
    const more = text.length - shown.length;
    return html`<pre class=${this.reply.kind}>${numbered(shown)}</pre>${more ? html`
      <button @click=${() => (this.whole = true)}>
        ${t('reply.more', { count: more.toLocaleString() })}
      </button>` : ''}`;
  }
}

function fold(text: string): string {
  let end = 0;
  for (let line = 0; line < FOLD_LINES && end >= 0; line++) end = text.indexOf('\n', end + 1);
  return text.slice(0, Math.min(end < 0 ? text.length : end, FOLD_CHARS));
}

/** Sets the numbering of nested replies back, so that the values stand out. */
function numbered(text: string) {
  if (!/^ *\d+[)#~] /.test(text)) return text;
  return text.split('\n').map((line, i) => {
    const index = /^( *\d+[)#~] )+|^ +/.exec(line)?.[0] ?? '';
    return html`${i ? '\n' : ''}<span class="index">${index}</span>${line.slice(index.length)}`;
  });
}
