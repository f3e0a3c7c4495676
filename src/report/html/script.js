
(() => {
  const d = document, q = s => [...d.querySelectorAll(s)];
  const rows = q('[data-k]'), folds = q('tr.fold'), between = q('tr.evt,tr.gap');
  const out = d.querySelector('.bar output'), inp = d.querySelector('.bar input');
  const open = new Set();
  let k = 'all', txt = '';
  const show = () => {
    let n = 0;
    const plain = k === 'all' && !txt;
    for (const r of rows) {
      const ok = (k === 'all' || r.dataset.k === k) && (!txt || r.textContent.toLowerCase().includes(txt));
      r.hidden = !ok || (plain && r.dataset.g !== undefined && !open.has(r.dataset.g));
      if (ok) n++;
    }
    for (const r of folds) r.hidden = !plain || open.has(r.dataset.o);
    for (const r of between) r.hidden = !plain;
    if (out) out.textContent = plain ? '' : n + ' of ' + rows.length;
  };
  for (const b of q('.bar button')) b.addEventListener('click', () => {
    k = b.dataset.f;
    for (const o of q('.bar button')) o.setAttribute('aria-pressed', String(o === b));
    show();
  });
  if (inp) inp.addEventListener('input', () => { txt = inp.value.toLowerCase(); show(); });
  for (const b of q('tr.fold button')) b.addEventListener('click', () => {
    const g = b.closest('tr').dataset.o;
    open.add(g);
    show();
    const first = rows.find(r => r.dataset.g === g);
    if (first) { first.tabIndex = -1; first.focus(); }
  });
  for (const b of q('.paste button')) b.addEventListener('click', () => {
    const text = b.previousElementSibling;
    const select = () => d.getSelection().selectAllChildren(text);
    if (!navigator.clipboard) { select(); return; }
    navigator.clipboard.writeText(text.textContent).then(() => { b.textContent = 'copied'; }, select);
  });
  const reveal = () => {
    const id = location.hash.slice(1);
    const at = id && d.getElementById(id);
    if (!at) return;
    if (at.tagName === 'DETAILS') at.open = true;
    if (at.hidden) {
      if (at.dataset.g !== undefined) open.add(at.dataset.g);
      k = 'all'; txt = '';
      if (inp) inp.value = '';
      for (const o of q('.bar button')) o.setAttribute('aria-pressed', String(o.dataset.f === k));
      show();
      at.scrollIntoView();
    }
  };
  addEventListener('hashchange', reveal);
  const stops = q('tr.bad th,li.cap');
  let at = -1;
  d.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.tagName === 'INPUT') { if (e.key === 'Escape') e.target.blur(); return; }
    if (e.key === '/' && inp) { e.preventDefault(); inp.focus(); return; }
    const seen = stops.filter(s => !s.closest('[hidden]'));
    if ((e.key !== 'j' && e.key !== 'k') || !seen.length) return;
    at = Math.max(0, Math.min(seen.length - 1, at + (e.key === 'j' ? 1 : -1)));
    const s = seen[at], box = s.closest('details');
    if (box) box.open = true;
    s.tabIndex = -1;
    s.focus();
    s.scrollIntoView({ block: 'center' });
  });
  for (const b of q('.js')) b.hidden = false;
  show();
  reveal();
})();
