// Makes pages nicer; every one of them works without this file. No markup is ever made from text here.
const $ = (selector, from = document) => [...from.querySelectorAll(selector)];
const language = document.documentElement.lang;
const byId = (id) => document.getElementById(id);

for (const element of $('[data-needs-script]')) element.hidden = false;
byId('main')?.querySelector('[data-focus]')?.focus();

// "3 hours ago" in place of the instant of the last use. `always`: some languages have one word for yesterday and tomorrow.
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
const units = [['year', 31536e3], ['month', 2592e3], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
for (const time of $('time[data-relative]')) {
  const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
  if (!(seconds < 0)) continue;
  const [unit, length] = units.find(([, n]) => -seconds >= n) ?? units.at(-1);
  time.title = time.textContent;
  time.textContent = relative.format(Math.trunc(seconds / length), unit);
}

// Copying: the clipboard exists on https alone; then the old way; then the text is selected and the visitor told what to press.
async function copied(element) {
  const text = element.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.className = 'vh';
    area.value = text;
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand('copy'); } catch { /* told below */ }
    area.remove();
    return done;
  }
}
for (const button of $('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const { copy } = button.dataset;
    const done = await copied(byId(copy));
    button.focus();
    if (!done) getSelection().selectAllChildren(byId(copy));
    byId(`${copy}-said`).textContent = done ? 'Copied' : 'Press Ctrl+C (⌘C on a Mac) to copy';
  });
}

for (const button of $('[data-show]')) {
  button.hidden = false;
  const input = byId(button.dataset.show);
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
  });
  input.form?.addEventListener('submit', () => { input.type = 'password'; });
}

// One press, one request. The pressed button is part of what is sent, so it is marked, not disabled.
const forms = $('form[method="post"]');
for (const form of forms) {
  form.addEventListener('submit', (event) => {
    if (form.ariaBusy === 'true') return event.preventDefault();
    form.ariaBusy = 'true';
    const button = event.submitter;
    if (!button || 'quiet' in form.dataset) return;
    const words = [...button.childNodes];
    button.ariaDisabled = 'true';
    button.textContent = 'Working…';
    // Back in the browser may show this very page again, as it was left.
    addEventListener('pageshow', () => { button.ariaDisabled = null; button.replaceChildren(...words); }, { once: true });
  });
}
addEventListener('pageshow', () => { for (const form of forms) form.ariaBusy = null; });

// The date that a chosen preset means, in words.
for (const line of $('[data-until-for]')) {
  const field = line.closest('fieldset');
  const words = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'medium', timeZone: 'UTC' });
  field.addEventListener('input', () => {
    const { until, untilField } = field.querySelector('input:checked')?.dataset ?? {};
    const chosen = untilField && byId(untilField).valueAsDate;
    const date = chosen ? words.format(chosen) : until;
    line.textContent = date ? line.dataset.text.replace('{date}', date) : '';
  });
}

// The computer's own time zone, one press away.
for (const line of $('[data-zone-for]')) {
  const select = byId(line.dataset.zoneFor);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  line.hidden = select.value === zone || ![...select.options].some((option) => option.value === zone);
  line.querySelector('b').textContent = zone;
  line.querySelector('button').addEventListener('click', () => {
    select.value = zone;
    line.hidden = true;
    select.focus();
  });
}

// Ticking rows of a list: all at once, and the number on the buttons.
for (const all of $('[data-all]')) {
  const form = byId(all.dataset.all);
  const picks = [...form.elements].filter((element) => element.name === 'ids');
  const buttons = [...form.elements].filter((element) => element.dataset.many);
  const plain = buttons.map((button) => button.textContent);
  const count = () => {
    const n = picks.filter((pick) => pick.checked).length;
    all.checked = n > 0 && n === picks.length;
    all.indeterminate = n > 0 && n < picks.length;
    buttons.forEach((button, i) => {
      const { one, many } = button.dataset;
      button.textContent = n === 0 ? plain[i] : n === 1 ? one : many.replace('{n}', n);
    });
  };
  all.addEventListener('change', () => { for (const pick of picks) pick.checked = all.checked; count(); });
  for (const pick of picks) pick.addEventListener('change', count);
  count();
}

// The permission list: how many are chosen in each area, and the filter.
for (const area of $('[data-items]')) {
  const boxes = $('input', area);
  const count = area.querySelector('[data-count]');
  area.addEventListener('change', () => { count.textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length}`; });
}
for (const input of $('[data-filter]')) {
  const list = byId(input.dataset.filter);
  const said = byId(`${input.dataset.filter}-found`);
  const areas = $('[data-items]', list);
  const open = areas.map((area) => area.open);
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    areas.forEach((area, i) => {
      const whole = area.querySelector('summary').textContent.toLowerCase().includes(wanted);
      const items = $('[data-item]', area);
      for (const item of items) item.hidden = !whole && !item.textContent.toLowerCase().includes(wanted);
      const left = items.filter((item) => !item.hidden).length;
      found += left;
      area.hidden = left === 0;
      area.open = wanted ? left > 0 : open[i];
    });
    said.textContent = wanted ? `${found} found` : '';
  });
}
