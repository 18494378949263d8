import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import { isSafeUrl } from '@/lib/safeUrl';

/** Longer texts are cut: they are documents, not notes beside a graph, and parsing them would hold up the page. */
export const maxTextLength = 200_000;

const forbiddenTags = ['style', 'form', 'input', 'button', 'select', 'textarea', 'option', 'iframe', 'object', 'embed', 'audio', 'video', 'source', 'track', 'picture', 'dialog', 'template', 'slot', 'map', 'area'];
// Classes would reach our own styles, ids and names would shadow what scripts look up.
const forbiddenAttributes = ['class', 'id', 'name', 'srcset', 'action', 'formaction', 'background', 'contenteditable', 'tabindex', 'autofocus', 'popover', 'popovertarget', 'slot', 'is'];

/** What a style attribute may set: how a text looks, never where on the page it stands. */
const styleProperties = /^(color|background-color|font-(size|weight|style|family)|text-(align|decoration(-line|-color|-style)?|transform|indent)|line-height|letter-spacing|white-space|vertical-align|(margin|padding)(-(top|right|bottom|left))?|border(-(top|right|bottom|left))?(-(width|style|color))?|border-radius|border-(collapse|spacing)|(max-|min-)?(width|height)|display|flex(-(direction|wrap|grow|shrink|basis|flow))?|justify-content|align-(items|content|self)|(row-|column-)?gap|grid-template-(columns|rows)|float|clear|list-style-type|opacity|overflow(-x|-y)?|object-fit)$/;

const purifier = makePurifier();

/** HTML of someone else without anything that runs, loads from elsewhere, or reaches out of its place. */
export function safeHtml(html: string): string {
  return purifier.sanitize(html.slice(0, maxTextLength), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: forbiddenTags,
    FORBID_ATTR: forbiddenAttributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: true,
    ADD_ATTR: ['target'],
  });
}

const marked = new Marked({ gfm: true, breaks: false });

/** Markdown (GitHub's flavour, with HTML in it) as HTML that is safe to insert. */
export function markdownToHtml(markdown: string): string {
  const text = markdown.slice(0, maxTextLength);
  try {
    return safeHtml(marked.parse(text, { async: false }));
  } catch {
    // Nested deeper than the parser's stack: as it was written.
    return `<pre>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</pre>`;
  }
}

function makePurifier() {
  const instance = createDOMPurify(window);
  instance.addHook('uponSanitizeAttribute', (_, data) => {
    if (data.attrName === 'href' && !isSafeUrl(data.attrValue)) data.keepAttr = false;
  });
  instance.addHook('afterSanitizeAttributes', (node) => {
    if (node.hasAttribute('style')) restyle(node);
    if (node.nodeName === 'A') tameLink(node);
    if (node.nodeName === 'IMG') tameImage(node);
  });
  return instance;
}

function restyle(node: Element): void {
  const { style } = node as HTMLElement;
  for (const property of Array.from(style)) {
    if (!styleProperties.test(property) || /url\(|expression|image-set/i.test(style.getPropertyValue(property))) style.removeProperty(property);
  }
  // What the browser could not parse is not in the list, but stays in the attribute until it is written again.
  const text = style.cssText;
  if (text === '') node.removeAttribute('style');
  else node.setAttribute('style', text);
}

function tameLink(node: Element): void {
  const href = node.getAttribute('href') ?? '';
  if (/^https?:/i.test(href.trim())) {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer');
  } else if (node.getAttribute('target') !== '_blank') node.removeAttribute('target');
  else node.setAttribute('rel', 'noopener noreferrer');
}

const ownImage = /^(data:image\/(png|jpe?g|gif|webp|avif|svg\+xml)[;,]|\/(?![/\\]))/i;

/** Pictures of other hosts are not loaded (they would learn who looks at what, and the content policy refuses them): a link says what they are. */
function tameImage(node: Element): void {
  const src = (node.getAttribute('src') ?? '').trim();
  if (ownImage.test(src)) {
    node.setAttribute('loading', 'lazy');
    return;
  }
  const alt = (node.getAttribute('alt') ?? '').trim();
  if (!/^https?:\/\//i.test(src)) {
    node.replaceWith(alt);
    return;
  }
  const name = alt !== '' ? alt : (src.split(/[?#]/)[0]?.split('/').at(-1) ?? 'image');
  // A link inside a link is none: the picture's own link is the better one.
  if (node.closest('a') !== null) {
    node.replaceWith(name);
    return;
  }
  const link = node.ownerDocument.createElement('a');
  link.href = src;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.textContent = `Picture: ${name}`;
  node.replaceWith(link);
}
