'use strict';
(() => {
const $ = (id) => document.getElementById(id);
const root = document.documentElement, log = $('log'), filter = $('filter'), newest = $('newest');
const keep = 2000;                // rows on the page
const silence = 45000;            // ms without a heartbeat until the connection counts as lost
const params = new URLSearchParams(location.search);
for (const [k, v] of new URLSearchParams(location.hash.slice(1))) params.set(k, v); // a fragment is sent to no server
const token = params.get('token');
if (token) {                      // out of the address, the history and what is copied from there
  const clean = new URLSearchParams(params);
  clean.delete('token');
  history.replaceState(null, '', location.pathname + (clean.size ? '?' + clean : ''));
}

// The look.
const wish = params.get('theme'), system = matchMedia('(prefers-color-scheme: dark)');
const paint = () => root.classList.toggle('dark', wish === 'dark' || (wish !== 'light' && system.matches));
system.addEventListener('change', paint);
paint();
if (params.get('title')) document.title = params.get('title');

// What is known.
let state = 'connecting', reason = '', cursor = '', attempt = 0, retryAt = 0, dropped = 0;
let pending = [], waiting = 0, paused = false, follow = true, frame = 0, selected = null, needle = '';

// Connection: server-sent events over fetch, so that the token goes in a header and into nobody's log.
const timer = { retry: 0, silence: 0 };
let abort;
function address() {
  const q = new URLSearchParams();
  for (const k of ['query', 'limit', 'start']) if (params.get(k)) q.set(k, params.get(k));
  if (cursor) q.set('cursor', cursor);
  return '/api/pharos/v1/tail?' + q;
}
async function connect() {
  clearTimeout(timer.retry);
  abort?.abort();
  const mine = (abort = new AbortController());
  if (state !== 'waiting') become('connecting');
  try {
    const headers = { Accept: 'text/event-stream' };
    if (token) headers.Authorization = 'Bearer ' + token;
    alive();
    const response = await fetch(address(), { headers, signal: mine.signal, cache: 'no-store', credentials: 'omit' });
    if (!response.ok) return refused(response);
    attempt = 0;
    become('live');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      alive();
      const events = (rest + value).split('\n\n');
      rest = events.pop();
      events.forEach(take);
    }
  } catch (error) {
    if (mine !== abort) return;   // another connection has taken over
  }
  if (mine === abort && state !== 'ended') retry();
}
function alive() {
  clearTimeout(timer.silence);
  timer.silence = setTimeout(() => { const lost = abort; abort = null; lost?.abort(); retry(); }, silence);
}
async function refused(response) {
  let text = response.statusText;
  try { const e = (await response.json()).error; text = e.hint ? e.message + ' — ' + e.hint : e.message; } catch { /* not ours: a proxy's */ }
  if (response.status >= 500 || response.status === 429) { reason = text; return retry(); }
  clearTimeout(timer.silence);
  become('ended', response.status === 401 ? 'This link is not valid any more. Open it again from where you got it.' : text);
}
function retry() {
  clearTimeout(timer.silence);
  clearTimeout(timer.retry);
  const wait = Math.min(30000, 1000 * 2 ** attempt++) * (0.75 + Math.random() / 2);
  retryAt = Date.now() + wait;
  become('waiting', reason);
  timer.retry = setTimeout(connect, wait);
}
addEventListener('online', () => state === 'waiting' && connect());

function take(text) {
  let type = '', data = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) type = line.slice(7);
    else if (line.startsWith('data: ')) data = line.slice(6);
    else if (line.startsWith('id: ')) cursor = line.slice(4);
  }
  if (!data) return;
  const message = JSON.parse(data);
  if (type === 'dropped') {
    dropped += message.dropped;
    add([{ gap: message.dropped }]);
    return;
  }
  const lines = [];
  for (const s of message.streams) for (const [ns, line] of s.values) lines.push({ ns, line, labels: s.stream });
  if (message.streams.length > 1) lines.sort((a, b) => (a.ns.length - b.ns.length) || (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
  add(lines);
}

// Rows are collected as they come and drawn once a frame.
function add(lines) {
  pending.push(...lines);
  if (paused) waiting += lines.length;
  if (pending.length > keep) pending = pending.slice(-keep); // also while the page is hidden and draws nothing
  schedule();
}
function schedule() { frame ||= requestAnimationFrame(draw); }
function draw() {
  frame = 0;
  if (!paused && pending.length) {
    const rows = document.createDocumentFragment();
    for (const x of pending) rows.append(x.gap ? gapRow(x.gap) : row(x));
    pending = [];
    const before = log.scrollHeight;
    log.append(rows);
    const added = log.scrollHeight;
    while (log.childElementCount > keep) log.firstElementChild.remove();
    if (follow) log.scrollTop = log.scrollHeight;
    else log.scrollTop -= Math.max(0, added - log.scrollHeight); // what is read stays where it is
    if (!follow && added > before) newest.hidden = false;
  }
  tell();
}
const levels = { emerg: 'critical', alert: 'critical', crit: 'critical', critical: 'critical', fatal: 'critical', panic: 'critical', err: 'error', error: 'error', severe: 'error', warn: 'warn', warning: 'warn', info: 'info', notice: 'info', debug: 'debug', trace: 'trace' };
const inLine = /(?:^|[\s"'[(<=:,])(fatal|panic|critical|crit|error|err|warning|warn|info|notice|debug|trace)(?=$|[\s"'\])>:,])/i;
function levelOf(x) {
  for (const k of ['detected_level', 'level', 'severity']) {
    const level = levels[String(x.labels[k] ?? '').toLowerCase()];
    if (level) return level;
  }
  return levels[inLine.exec(x.line.slice(0, 300))?.[1].toLowerCase()] ?? '';
}
function el(name, text, type) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text; // never HTML: lines are strangers' text
  if (type) e.className = type;
  return e;
}
function row(x) {
  const e = el('div', undefined, 'row ' + levelOf(x)), ms = Number(x.ns.slice(0, -6)), at = new Date(ms);
  const time = el('time', at.toLocaleTimeString('en-GB') + '.' + String(ms % 1000).padStart(3, '0'));
  time.dateTime = time.title = at.toISOString();
  e.data = x;
  // eslint-disable-next-line no-control-regex
  e.text = x.line.replace(/\x1b\[[0-9;]*m/g, '').replace(/[\r\n]+$/, '');
  e.append(time, el('span'));
  sift(e);
  return e;
}
function gapRow(n) { return el('div', `${n.toLocaleString('en')} ${n === 1 ? 'line was' : 'lines were'} left out: they came faster than this page could take them`, 'gap'); }

// The filter hides what does not match and marks what does.
function sift(e) {
  const text = e.text, span = e.lastElementChild, low = needle && text.toLowerCase();
  let at = needle ? low.indexOf(needle) : 0;
  e.hidden = at < 0;
  if (!needle || at < 0) { span.textContent = text; return; }
  span.textContent = '';
  let from = 0;
  for (; at >= 0; at = low.indexOf(needle, from)) {
    span.append(text.slice(from, at), el('mark', text.slice(at, at + needle.length)));
    from = at + needle.length;
  }
  span.append(text.slice(from));
}
const rows = () => log.querySelectorAll('.row');
filter.addEventListener('input', () => {
  needle = filter.value.toLowerCase();
  if (needle) log.querySelectorAll('.labels').forEach((e) => e.remove());
  rows().forEach(sift);
  if (follow) log.scrollTop = log.scrollHeight;
  tell();
});

// Words.
function become(next, why) { state = next; reason = why ?? ''; tell(); }
function tell() {
  const shown = paused && state === 'live' ? 'paused' : state, seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
  root.dataset.state = shown;
  root.toggleAttribute('data-paused', paused);
  const word = { connecting: 'Connecting', live: 'Live', paused: 'Paused', waiting: 'Reconnecting', ended: 'Not connected' }[shown];
  if ($('word').textContent !== word) $('word').textContent = word;
  const detail = [];
  if (dropped) detail.push(el('em', `${dropped.toLocaleString('en')} left out`));
  if (state === 'waiting') detail.push(seconds ? `next try in ${seconds} s` : 'trying again');
  else if (paused && waiting) detail.push(`${waiting.toLocaleString('en')} new`);
  $('detail').replaceChildren(...detail.flatMap((x, i) => (i ? [' · ', x] : [x])));
  const all = rows(), some = needle ? [...all].filter((e) => !e.hidden).length : all.length;
  $('hits').textContent = needle ? `${some} of ${all.length}` : '';
  const empty = $('empty'), [title, text] = empty.children;
  empty.hidden = some > 0 || log.querySelector('.gap');
  if (empty.hidden) return;
  [title.textContent, text.textContent] =
    state === 'ended' ? ['These logs cannot be shown', reason] :
    all.length ? ['No line holds this text', 'Clear the filter to see the others.'] :
    state === 'live' ? ['Waiting for the first line', 'Lines appear here as soon as they are written.'] :
    state === 'waiting' ? ['Connection lost', reason || 'Lines that are written meanwhile are not lost.'] : ['Connecting', ''];
}
setInterval(() => state === 'waiting' && tell(), 500);

// Controls.
function pause(on) {
  paused = on;
  if (!on) waiting = 0;
  $('pause').setAttribute('aria-pressed', on);
  $('pause').lastElementChild.textContent = on ? 'Resume' : 'Pause';
  schedule();
}
function wrap(on) {
  log.classList.toggle('wrap', on);
  $('wrap').setAttribute('aria-pressed', on);
  if (follow) log.scrollTop = log.scrollHeight;
}
function toNewest() {
  follow = true;
  newest.hidden = true;
  log.scrollTop = log.scrollHeight;
}
$('pause').onclick = () => pause(!paused);
$('wrap').onclick = () => wrap(!log.classList.contains('wrap'));
$('clear').onclick = () => { log.replaceChildren(); pending = []; waiting = dropped = 0; selected = null; toNewest(); tell(); };
newest.lastElementChild.textContent = 'Newest lines';
newest.onclick = () => { toNewest(); log.focus(); };
// Only a reader who scrolls up stops following; a page that grows or is turned does not.
let top = 0;
log.addEventListener('scroll', () => {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 24) follow = true;
  else if (log.scrollTop < top) follow = false;
  top = log.scrollTop;
  if (follow) newest.hidden = true;
});
new ResizeObserver(() => { if (follow) log.scrollTop = log.scrollHeight; }).observe(log);

function select(e, open) {
  if (!e) return;
  selected?.classList.remove('on');
  selected = e;
  e.classList.add('on');
  const next = e.nextElementSibling;
  follow = false;                 // what is read must not move away
  if (!open) { e.scrollIntoView({ block: 'nearest' }); return; }
  if (next?.className === 'labels') { next.remove(); e.classList.remove('on'); return; }
  const box = el('div', undefined, 'labels');
  for (const [k, v] of Object.entries(e.data.labels)) {
    const code = el('code');
    code.append(el('i', k + ' '), v);
    box.append(code);
  }
  e.after(box);
}
log.onclick = (event) => { if (getSelection().isCollapsed) select(event.target.closest('.row'), true); };
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (event.target === filter) {
    if (key === 'Escape') { filter.value = ''; filter.dispatchEvent(new Event('input')); log.focus(); }
    return;
  }
  const step = (way) => { let e = selected?.isConnected ? selected : null; do e = e ? e[way] : rows()[rows().length - 1]; while (e && (e.hidden || !e.classList.contains('row'))); select(e); };
  const done = {
    '/': () => filter.focus(), p: () => pause(!paused), w: () => wrap(!log.classList.contains('wrap')), End: toNewest,
    ...(event.target === log && { ArrowDown: () => step('nextElementSibling'), ArrowUp: () => step('previousElementSibling'), Enter: () => select(selected, true) }),
  }[key];
  if (done) { event.preventDefault(); done(); }
});

wrap(params.get('wrap') ? params.get('wrap') !== '0' : innerWidth <= 640);
connect();
})();
