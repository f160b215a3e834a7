{#
    One HTML page that needs nothing beside it: style, script and data are in it, and it opens without a network.
    title: heading. data: what the script reads, see report_data(). script: JavaScript that fills the element main with the functions of
    report_script(); the data is the constant DATA there.
#}
{% macro report_page(title, data, script) -%}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title | e }}</title>
<style>{{ report_style() }}</style>
</head>
<body>
<header><h1>{{ title | e }}</h1></header>
<main></main>
<script type="application/json" id="data">{{ tojson(data) | replace('<', '\\u003c') }}</script>
<script>
'use strict';
const DATA = JSON.parse(document.getElementById('data').textContent);
{{ report_script() }}
{{ script }}
</script>
</body>
</html>
{%- endmacro %}


{#
    Runs the queries of a report. Returns {name: {columns: [...], rows: [[...]], source: [...]}}, as report_script() wants it.
    queries: {name: {sql: SELECT, source: names of the models that it reads}}; numbers come as numbers, moments as text.
#}
{% macro report_data(queries) %}
    {%- set tables = {} -%}
    {%- for name, query in queries.items() -%}
        {%- set found = run_query(query.sql) -%}
        {%- set rows = [] -%}
        {%- for record in found.rows -%}
            {%- set row = [] -%}
            {%- for value in record -%}
                {%- if value is none or value is boolean or value is string -%}
                    {%- do row.append(value) -%}
                {%- elif value is number -%}
                    {%- do row.append(value | float) -%}
                {%- else -%}
                    {%- do row.append(value | string) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do rows.append(row) -%}
        {%- endfor -%}
        {%- do tables.update({name: {'columns': found.column_names | list, 'rows': rows, 'source': query.source}}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{% endmacro %}


{# Style of a report: light and dark, wide and narrow. #}
{% macro report_style() -%}{% raw %}
:root { --ground: #fff; --panel: #f6f7f9; --ink: #1c2330; --quiet: #5b6575; --line: #d8dde5; --one: #4c6a92; --two: #c2571a; --good: #1f7a4d; --bad: #b3261e; --warn: #8a6100;
  --c0: var(--one); --c1: var(--two); --c2: #2f7d5b; --c3: #8a4fa3; --c4: #a67c00; --c5: #b3446c; --c6: #2b8296; --c7: #6b6b2f; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --panel: #1d232d; --ink: #e8ebf0; --quiet: #9aa5b5; --line: #333c4a; --one: #8fb0dc; --two: #f0935a; --good: #5cc491; --bad: #f28b82; --warn: #e3b341; --c2: #63c596; --c3: #c79ae0; --c4: #e3b341; --c5: #ef8fb0; --c6: #6fc7dc; --c7: #c4c480; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 0 0 .25rem; } h3 { font-size: 1rem; margin: .75rem 0 .25rem; }
section { margin: 1.5rem 0; }
p { margin: .25rem 0 .5rem; } .quiet, .source { color: var(--quiet); font-size: .875rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; min-width: 0; }
.card dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .75rem; margin: .5rem 0 0; font-size: .9rem; }
.card dt { color: var(--quiet); } .card dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.verdict { font-size: 1.3rem; font-weight: 600; } .faster, .good { color: var(--good); } .slower, .bad { color: var(--bad); } .unsure { color: var(--warn); }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
nav button { font: inherit; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--ink); background: var(--panel); cursor: pointer; }
nav button[aria-pressed=true] { border-color: var(--two); box-shadow: inset 0 0 0 1px var(--two); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: .75rem; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem; min-width: 0; }
.intervals { max-width: 42rem; margin: .75rem 0; }
figcaption { font-size: .9rem; font-weight: 600; padding: .1rem .25rem; } svg { width: 100%; height: auto; display: block; }
svg text { font: 11px system-ui, sans-serif; fill: var(--quiet); } .axis { stroke: var(--line); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .8rem; padding: 0 .25rem; } .key i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; }
.swatch { display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 2px; }
input[type=search] { font: inherit; width: min(24rem, 100%); padding: .35rem .6rem; margin: .25rem 0 .5rem; border: 1px solid var(--line); border-radius: .5rem; color: var(--ink); background: var(--panel); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; } th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { background: var(--panel); white-space: nowrap; } th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--two); }
th[aria-sort=ascending] button::after { content: ' \2191'; } th[aria-sort=descending] button::after { content: ' \2193'; }
@media (max-width: 40rem) {
  svg text { font-size: 16px; }
  thead tr { display: flex; flex-wrap: wrap; } th { border: 0; }
  tbody tr { display: block; padding: .3rem 0; border-bottom: 1px solid var(--line); }
  tbody td { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem .6rem; border: 0; text-align: right; }
  tbody td::before { content: attr(data-title); color: var(--quiet); text-align: left; white-space: nowrap; }
}
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td.text { overflow-wrap: anywhere; } @media (min-width: 40.01rem) { td.text { min-width: 12rem; } }
{% endraw %}{%- endmacro %}


{#
    Script of a report: rows of a table of DATA as objects, elements, numbers as text, sortable tables, and charts as SVG. Text of the data is put in
    as text and never read as HTML.
#}
{% macro report_script() -%}{% raw %}
const rowsOf = name => DATA.tables[name] ? DATA.tables[name].rows.map(row => Object.fromEntries(DATA.tables[name].columns.map((c, i) => [c, row[i]]))) : [];
const sourceOf = name => DATA.tables[name] ? DATA.tables[name].source : [];
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
};
const draw = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
const number = (value, digits = 3) => {
  if (value === null || value === undefined) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(digits)));
};
// amounts of one column have one number of digits behind the point: four significant ones of the largest, two at least
const amounts = values => {
  const most = Math.max(...values.filter(value => value !== null && value !== undefined).map(Math.abs), 0);
  const digits = most > 0 ? Math.min(12, Math.max(2, 3 - Math.floor(Math.log10(most)))) : 2;
  const form = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return value => value === null || value === undefined ? '–' : form.format(Number(value.toFixed(digits)) + 0);
};
const percent = value => value === null || value === undefined ? '–' : number(100 * value) + ' %';
const tip = text => draw('title', {}, text);
const source = names => make('p', { class: 'source' }, 'From ', names.flatMap((name, i) => [i ? ', ' : null, make('code', {}, name)]));
const section = (id, title, lead, names, ...content) =>
  make('section', { id }, make('h2', {}, title), lead ? make('p', { class: 'quiet' }, lead) : null, content, source(names));

// columns: [{name, title, kind: 'text' | 'number' | 'amount' | 'word', show}]; a click on a heading sorts by what is in the data, not by what is shown.
// show is given the value, the row, and the value as text. search: what a field above the table looks in, {label, of: row => text, most: rows shown}
const table = (rows, columns, order = null, search = null) => {
  const body = make('tbody');
  const kind = column => column.kind === 'amount' ? 'number' : column.kind;
  const words = columns.map(column => column.kind === 'amount' ? amounts(rows.map(row => row[column.name])) : column.kind === 'number' ? value => number(value) : value => value ?? '–');
  const heads = columns.map(column => make('th', { class: kind(column), scope: 'col' }, make('button', { type: 'button' }, column.title)));
  const field = search ? make('input', { type: 'search', 'aria-label': search.label, placeholder: search.label }) : null;
  const found = search ? make('p', { class: 'quiet', role: 'status' }) : null;
  let inOrder = rows;
  const fill = sorted => {
    inOrder = sorted;
    const wanted = field ? field.value.trim().toLowerCase().split(/\s+/).filter(Boolean) : [];
    const meeting = wanted.length ? sorted.filter(row => wanted.every(part => search.of(row).toLowerCase().includes(part))) : sorted;
    const shown = search ? meeting.slice(0, search.most) : meeting;
    if (found) found.textContent = `${number(shown.length)} of ${number(rows.length)}${meeting.length > shown.length ? `; ${number(meeting.length)} fit, the search narrows them down` : ''}`;
    body.replaceChildren(...shown.map(row => make('tr', {}, columns.map((column, i) =>
      make('td', { class: kind(column), 'data-title': column.title }, column.show ? column.show(row[column.name], row, words[i](row[column.name])) : words[i](row[column.name]))))));
  };
  if (field) field.addEventListener('input', () => fill(inOrder));
  const sort = (place, falling) => {
    const name = columns[place].name;
    const known = value => value !== null && value !== undefined;
    fill([...rows].sort((a, b) => {
      if (!known(a[name]) || !known(b[name])) return known(b[name]) - known(a[name]);
      const compared = typeof a[name] === 'string' ? a[name].localeCompare(b[name]) : a[name] - b[name];
      return falling ? -compared : compared;
    }));
    heads.forEach((head, i) => i === place ? head.setAttribute('aria-sort', falling ? 'descending' : 'ascending') : head.removeAttribute('aria-sort'));
  };
  heads.forEach((head, place) => head.firstChild.addEventListener('click', () =>
    sort(place, head.getAttribute('aria-sort') === 'ascending' || (!head.hasAttribute('aria-sort') && kind(columns[place]) === 'number'))));
  if (order) sort(columns.findIndex(column => column.name === order.by), order.falling); else fill(rows);
  const framed = make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, make('tr', {}, heads)), body));
  return search ? make('div', {}, field, found, framed) : framed;
};

const WIDTH = 480, HEIGHT = 240, LEFT = 66, BOTTOM = 34, TOP = 10, RIGHT = 26;
const frame = (title, key, ...content) => make('figure', {}, make('figcaption', {}, title),
  draw('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': title }, ...content),
  make('div', { class: 'key' }, key.map(([name, colour]) => make('span', {}, make('i', { style: `background:${colour}` }), name))));
const label = (x, y, text, anchor = 'middle') => draw('text', { x, y, 'text-anchor': anchor }, text);
const rule = (x1, y1, x2, y2) => draw('line', { x1, y1, x2, y2, class: 'axis' });
const ticks = most => { const step = 10 ** Math.floor(Math.log10(most || 1)); const by = most / step > 5 ? 2 * step : most / step > 2 ? step : step / 2; return Array.from({ length: Math.floor(most / by) + 1 }, (_, i) => i * by); };
// least: below zero where some value is
const scaleY = (most, least = 0) => value => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - least) / (most - least || 1);
const axisY = (most, unit = '', least = 0) => [...ticks(most), ...(least < 0 ? ticks(-least).slice(1).map(value => -value) : [])].flatMap(value => [rule(LEFT, scaleY(most, least)(value), WIDTH - RIGHT, scaleY(most, least)(value)), label(LEFT - 5, scaleY(most, least)(value) + 4, number(value) + unit, 'end')]);
// as many names as have room, 9 units a letter; the last one is among them
const below = (names, slot) => {
  const each = Math.max(1, Math.ceil(9 * Math.max(...names.map(name => name.length), 1) / slot));
  return names.flatMap((name, i) => (names.length - 1 - i) % each ? [] : [label(LEFT + slot * (i + .5), HEIGHT - BOTTOM + 15, name)]);
};

// series: [{name, colour, values, tips, faint}], one value per category; bars stand beside each other, stacks on top of each other. faint: which bars are
// pale; limit: {name, value} of a line across
const bars = (title, categories, series, unit = '', limit = null) => {
  const values = [...series.flatMap(one => one.values.map(value => value || 0)), ...(limit ? [limit.value] : [])];
  const most = Math.max(...values, 0), least = Math.min(...values, 0);
  const slot = (WIDTH - LEFT - RIGHT) / categories.length, y = scaleY(most, least), wide = slot * .8 / series.length;
  return frame(title, [...series.map(one => [one.name, one.colour]), ...(limit ? [[limit.name, 'var(--two)']] : [])], ...axisY(most, unit, least), ...below(categories, slot),
    ...series.flatMap((one, j) => one.values.map((value, i) => draw('rect', { x: LEFT + slot * (i + .1) + j * wide, y: Math.min(y(0), y(value || 0)), width: wide * .92, height: Math.abs(y(0) - y(value || 0)), fill: one.colour, 'fill-opacity': one.faint && one.faint[i] ? .45 : 1 }, tip(`${one.tips ? one.tips[i] : categories[i]}, ${one.name}: ${number(value)}${unit}`)))),
    ...(limit ? [draw('line', { x1: LEFT, y1: y(limit.value), x2: WIDTH - RIGHT, y2: y(limit.value), stroke: 'var(--two)', 'stroke-width': 2, 'stroke-dasharray': '6 4' }, tip(`${limit.name}: ${number(limit.value)}${unit}`))] : []));
};
const stacks = (title, columns, series, unit = '') => {
  const most = Math.max(...columns.map((_, i) => series.reduce((sum, one) => sum + Math.max(0, one.values[i] || 0), 0)), 0);
  const slot = (WIDTH - LEFT - RIGHT) / columns.length, y = scaleY(most), bases = columns.map(() => 0);
  return frame(title, series.map(one => [one.name, one.colour]), ...axisY(most, unit), ...columns.map((name, i) => label(LEFT + slot * (i + .5), HEIGHT - BOTTOM + 15, name)),
    ...series.flatMap(one => one.values.map((value, i) => {
      const own = Math.max(0, value || 0), base = bases[i]; bases[i] += own;
      return draw('rect', { x: LEFT + slot * (i + .2), y: y(base + own), width: slot * .6, height: y(base) - y(base + own), fill: one.colour }, tip(`${columns[i]}, ${one.name}: ${number(value)}${unit}`));
    })));
};
// rows: [{name, colour, low, middle, high, tip}], factors: a line from low to high and a dot in the middle, on one logarithmic axis that has 1 on it
const FACTORS = [.01, .02, .05, .1, .2, .5, .7, .8, .9, 1, 1.1, 1.2, 1.5, 2, 5, 10, 20, 50, 100];
const intervals = (title, rows, key = []) => {
  const known = rows.filter(row => row.middle > 0), each = 34, height = each * known.length + TOP + BOTTOM;
  const logs = known.flatMap(row => [row.low ?? row.middle, row.high ?? row.middle]).map(value => Math.log(Math.min(100, Math.max(.01, value))));
  const least = Math.min(-.1, ...logs), most = Math.max(.1, ...logs), left = 12;
  // room for the words of the outermost marks
  const low = least - .05 * (most - least), high = most + .05 * (most - least);
  const x = value => left + (WIDTH - left - RIGHT) * (Math.log(Math.min(100, Math.max(.01, value))) - low) / (high - low);
  const inside = FACTORS.filter(value => Math.log(value) >= low - 1e-9 && Math.log(value) <= high + 1e-9);
  // as many as have room; 1 is always there
  const placed = [...inside].sort((a, b) => (b === 1) - (a === 1)).reduce((kept, value) => kept.some(other => Math.abs(x(other) - x(value)) < 44) ? kept : [...kept, value], []);
  return make('figure', { class: 'intervals' }, make('figcaption', {}, title), draw('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': title },
    ...placed.flatMap(value => [draw('line', { x1: x(value), x2: x(value), y1: TOP, y2: height - BOTTOM, class: 'axis', 'stroke-width': value === 1 ? 2.5 : 1 }), label(x(value), height - BOTTOM + 15, `${number(value)}×`)]),
    ...known.flatMap((row, i) => {
      const y = TOP + each * i + 24, words = row.name.length > 52 ? row.name.slice(0, 51) + '…' : row.name;
      return [label(left, y - 9, words, 'start'),
        ...(row.low === null || row.low === undefined ? [] : [draw('line', { x1: x(row.low), x2: x(row.high), y1: y, y2: y, stroke: row.colour, 'stroke-width': 3, 'stroke-opacity': .6 }, tip(row.tip))]),
        draw('circle', { cx: x(row.middle), cy: y, r: 4.5, fill: row.colour }, tip(row.tip))];
    })), make('div', { class: 'key' }, key.map(([name, colour]) => make('span', {}, make('i', { style: `background:${colour}` }), name))));
};
// series: [{name, colour, points: [[x, y]], step}]; logarithmic: the vertical axis
const lines = (title, series, { titleX = '', unit = '', logarithmic = false, labelsX = null } = {}) => {
  const points = series.flatMap(one => one.points).filter(([, value]) => value !== null && (!logarithmic || value > 0));
  if (!points.length) return frame(title, [], label(WIDTH / 2, HEIGHT / 2, 'nothing to show'));
  const low = Math.min(...points.map(([x]) => x)), high = Math.max(...points.map(([x]) => x));
  const x = value => LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low || 1);
  const bottom = logarithmic ? Math.floor(Math.log10(Math.min(...points.map(([, value]) => value)))) : 0;
  const most = logarithmic ? Math.max(bottom + 1, Math.ceil(Math.log10(Math.max(...points.map(([, value]) => value))))) : Math.max(...points.map(([, value]) => value));
  const y = value => logarithmic ? HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (Math.log10(value) - bottom) / (most - bottom) : scaleY(most)(value);
  const rules = logarithmic ? Array.from({ length: most - bottom + 1 }, (_, i) => 10 ** (bottom + i)).flatMap(value => [rule(LEFT, y(value), WIDTH - RIGHT, y(value)), label(LEFT - 5, y(value) + 4, number(value) + unit, 'end')]) : axisY(most, unit);
  return frame(title, series.map(one => [one.name, one.colour]), ...rules, label((WIDTH + LEFT) / 2, HEIGHT - 4, titleX),
    ...(labelsX || []).map(([value, text]) => label(x(value), HEIGHT - BOTTOM + 15, text)),
    ...series.flatMap(one => {
      const shown = one.points.filter(([, value]) => value !== null && (!logarithmic || value > 0));
      const path = shown.map(([a, b], i) => (i ? (one.step ? `H${x(a)}V${y(b)}` : `L${x(a)} ${y(b)}`) : `M${x(a)} ${y(b)}`)).join('');
      return [draw('path', { d: path, fill: 'none', stroke: one.colour, 'stroke-width': 2 }), ...(one.step ? [] : shown.map(([a, b]) => draw('circle', { cx: x(a), cy: y(b), r: 3.5, fill: one.colour }, tip(`${one.name}, ${(labelsX || []).find(([value]) => value === a)?.[1] ?? number(a)}: ${number(b)}${unit}`))))];
    }));
};
{% endraw %}{%- endmacro %}
