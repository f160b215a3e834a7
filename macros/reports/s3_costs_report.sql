{#
    Prints the S3 bill of a month as one HTML page: what it comes to and how sure that is, a map of buckets and prefixes that opens folder by folder,
    costs by day, what moved against the month before, what has no prefix and why, what each team bears (with CSV to download), who asked for what,
    what is stored, and the forecast where agg_s3_cost_forecast is. Each part names the models that it is from. Runs on every engine.
    dbt --quiet run-operation s3_costs_report > s3_costs.html
    dbt --quiet run-operation s3_costs_report --args '{billing_period: 2024-03-01, currency: USD}' > s3_costs.html
    billing_period: first day of the month; none for the last one. currency: none for the one with the most lines.
#}
{% macro s3_costs_report(billing_period=none, currency=none) %}
    {%- if execute -%}
        {%- set charges = relation_of_model('s3_costs_report', 'agg_s3_charges') -%}
        {%- set known = run_query(
            "select " ~ as_text('billing_period_starts_on') ~ " as period, currency, sum(line_items) as line_items from " ~ charges
            ~ " group by billing_period_starts_on, currency order by billing_period_starts_on, line_items, currency"
        ).rows -%}
        {%- if not known -%}
            {{ exceptions.raise_compiler_error("millrace: s3_costs_report: there is no bill of S3. Land one (docs/s3_costs.md) and run dbt build --selector platform.") }}
        {%- endif -%}
        {%- set periods = known | map(attribute=0) | unique | list -%}
        {%- set period = billing_period | string if billing_period else periods[-1] -%}
        {%- if period not in periods -%}
            {{ refuse_operation('s3_costs_report', 'billing_period', period, 'one of ' ~ periods | join(', ')) }}
        {%- endif -%}
        {%- set currencies = known | selectattr(0, 'equalto', period) | map(attribute=1) | list -%}
        {%- if currency and currency not in currencies -%}
            {{ refuse_operation('s3_costs_report', 'currency', currency, 'one of ' ~ currencies | join(', ')) }}
        {%- endif -%}
        {%- set chosen = currency or currencies[-1] -%}
        {%- set before = periods[periods.index(period) - 1] if periods.index(period) > 0 else none -%}
        {%- set data = {
            'period': period, 'before': before, 'currency': chosen, 'others': currencies | reject('equalto', chosen) | list,
            'measure': var('s3_cost_measure', 'unblended') | replace('_', ' '), 'budget': s3_monthly_budgets().get(chosen), 'tables': report_data(s3_costs_report_queries(period, before, chosen)),
        } -%}
        {{ print(report_page('S3 costs of ' ~ period[:7], data, s3_costs_report_script())) }}
    {%- endif -%}
{% endmacro %}


{# The queries of s3_costs_report(), as report_data() wants them. period, before: first days of months, as text; before may be none. currency: text. #}
{% macro s3_costs_report_queries(period, before, currency) %}
    {%- set models = {} -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and (node.name.startswith('agg_s3_') or node.name.startswith('fct_s3_')) -%}
            {%- do models.update({node.name: node.relation_name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set of_month = "where billing_period_starts_on = cast('" ~ period ~ "' as date) and currency = " ~ sql_literal(currency) -%}
    {%- set both = "where billing_period_starts_on in (cast('" ~ period ~ "' as date), cast('" ~ (before or period) ~ "' as date)) and currency = " ~ sql_literal(currency) -%}
    {%- set allocation = models['fct_s3_cost_allocation'] -%}
    {%- set is_this = "billing_period_starts_on = cast('" ~ period ~ "' as date)" -%}
    {%- set queries = {} -%}
    {%- set months -%}
        select
            {{ as_text('billing_period_starts_on') }} as month,
            sum(cost_amount) as cost_amount,
            sum(case when unallocated_reason is not null then cost_amount else 0 end) as unallocated_amount,
            {{ as_text('sum(cost_amount)') }} as cost_text,
            max(filled_days) as filled_days,
            max(case when invoice_id <> '' then 0 else 1 end) as is_open
        from {{ allocation }}
        where currency = {{ sql_literal(currency) }} and billing_period_starts_on <= cast('{{ period }}' as date)
        group by billing_period_starts_on
        order by billing_period_starts_on
    {%- endset -%}
    {%- do queries.update({'months': {'sql': months, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set tree -%}
        select bucket_name, prefix, depth, cost_amount from {{ models['agg_s3_prefix_costs'] }} {{ of_month }}
        order by bucket_name, depth, prefix
    {%- endset -%}
    {%- do queries.update({'tree': {'sql': tree, 'source': ['agg_s3_prefix_costs']}}) -%}
    {%- set days -%}
        select
            {{ as_text('usage_on') }} as usage_on,
            case
                when component <> 'usage' then component
                when charge_kind in ('storage', 'small objects', 'unfinished uploads', 'early deletion') then 'storage'
                when charge_kind in ('requests', 'retrieval') then 'requests and retrieval'
                when charge_kind = 'data transfer' then 'transfer'
                else 'other'
            end as kind,
            sum(cost_amount) as cost_amount
        from {{ allocation }} {{ of_month }}
        group by 1, 2
        order by 1, 2
    {%- endset -%}
    {%- do queries.update({'days': {'sql': days, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set movers -%}
        select bucket_name, prefix, sum(cost_now) as cost_now, sum(cost_before) as cost_before
        from (
            select
                bucket_name,
                coalesce(nullif({{ key_prefix('prefix', var('s3_report_depth', 2)) }}, ''), prefix, '(unallocated)') as prefix,
                case when {{ is_this }} then cost_amount else 0 end as cost_now,
                case when {{ is_this }} then 0 else cost_amount end as cost_before
            from {{ allocation }} {{ both }}
        ) as placed
        group by bucket_name, prefix
        order by bucket_name, prefix
    {%- endset -%}
    {%- do queries.update({'movers': {'sql': movers, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set unallocated -%}
        select unallocated_reason, bucket_name, charge_kind, usage_type, sum(cost_amount) as cost_amount
        from {{ allocation }} {{ of_month }} and unallocated_reason is not null
        group by unallocated_reason, bucket_name, charge_kind, usage_type
        order by cost_amount desc, bucket_name, usage_type
        limit 200
    {%- endset -%}
    {%- do queries.update({'unallocated': {'sql': unallocated, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set methods -%}
        select allocation_method, sum(cost_amount) as cost_amount
        from {{ allocation }} {{ of_month }}
        group by allocation_method
        order by cost_amount desc, allocation_method
    {%- endset -%}
    {%- do queries.update({'methods': {'sql': methods, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set chargeback -%}
        select team, from_team, cost_amount, {{ as_text('cost_amount') }} as cost_text
        from {{ models['agg_s3_chargeback'] }} {{ of_month }}
        order by team, from_team
    {%- endset -%}
    {%- do queries.update({'chargeback': {'sql': chargeback, 'source': ['agg_s3_chargeback']}}) -%}
    {%- set data_sets -%}
        select team, cost_centre, data_set, sum(cost_amount) as cost_amount
        from {{ allocation }} {{ of_month }}
        group by team, cost_centre, data_set
        order by cost_amount desc, team, data_set
    {%- endset -%}
    {%- do queries.update({'data_sets': {'sql': data_sets, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set accounts -%}
        select payer_account_id, usage_account_id, sum(cost_amount) as cost_amount
        from {{ allocation }} {{ of_month }}
        group by payer_account_id, usage_account_id
        order by cost_amount desc, payer_account_id, usage_account_id
    {%- endset -%}
    {%- do queries.update({'accounts': {'sql': accounts, 'source': ['fct_s3_cost_allocation']}}) -%}
    {%- set requesters -%}
        select
            requester,
            bucket_name,
            billed_operation,
            sum(billed_requests) as requests,
            cast(sum(bytes_sent) as {{ float_type() }}) / 1073741824 as gigabytes_sent
        from {{ models['fct_s3_requests'] }}
        where substring({{ as_text('requested_on') }}, 1, 7) = '{{ period[:7] }}' and billed_operation <> ''
        group by requester, bucket_name, billed_operation
        order by requests desc, requester, bucket_name, billed_operation
        limit 50
    {%- endset -%}
    {%- do queries.update({'requesters': {'sql': requesters, 'source': ['fct_s3_requests']}}) -%}
    {%- set stored -%}
        select
            storage_class,
            access_tier,
            version_kind,
            sum(objects) as objects,
            sum(small_objects) as small_objects,
            cast(sum(size_bytes) as {{ float_type() }}) / 1073741824 as gigabytes
        from ({{ latest_s3_storage() }}) as latest
        group by storage_class, access_tier, version_kind
        order by gigabytes desc, storage_class, access_tier, version_kind
    {%- endset -%}
    {%- do queries.update({'stored': {'sql': stored, 'source': ['fct_s3_storage']}}) -%}
    {#- not on every engine, and not in every selection of models -#}
    {%- set forecast = graph.nodes.values() | selectattr('name', 'equalto', 'agg_s3_cost_forecast') | selectattr('resource_type', 'equalto', 'model') | first -%}
    {%- if forecast and adapter.get_relation(forecast.database, forecast.schema, forecast.alias) -%}
        {%- set ahead -%}
            select bucket_name, {{ as_text('month_starts_on') }} as month, kind, method, cost_forecast, cost_low, cost_high, actual_cost, percentage_error, is_within
            from {{ models['agg_s3_cost_forecast'] }}
            where currency = {{ sql_literal(currency) }}
            order by bucket_name, month_starts_on
        {%- endset -%}
        {%- do queries.update({'ahead': {'sql': ahead, 'source': ['agg_s3_cost_forecast']}}) -%}
    {%- endif -%}
    {{ return(queries) }}
{% endmacro %}


{# Budgets of a month by currency, of the variable s3_monthly_budgets. #}
{% macro s3_monthly_budgets() %}
    {%- set budgets = var('s3_monthly_budgets', {}) -%}
    {%- set example = "{USD: 1200}: an amount above zero for each currency" -%}
    {%- if budgets is not mapping -%}
        {{ exceptions.raise_compiler_error("millrace: s3_monthly_budgets is " ~ budgets ~ ". It should be " ~ example ~ ", or {}.") }}
    {%- endif -%}
    {%- for currency, amount in budgets.items() if amount is not number or amount is boolean or amount <= 0 -%}
        {{ exceptions.raise_compiler_error("millrace: s3_monthly_budgets: " ~ currency ~ " is " ~ amount ~ ". It should be " ~ example ~ ".") }}
    {%- endfor -%}
    {{ return(budgets) }}
{% endmacro %}


{# What s3_costs_report() draws from its data. #}
{% macro s3_costs_report_script() -%}{% raw %}
const months = rowsOf('months'), ahead = rowsOf('ahead');
const now = months.find(row => row.month === DATA.period), before = months.find(row => row.month === DATA.before);
const money = (value, digits = 4) => value === null || value === undefined ? '–' : `${Math.abs(value) >= 1000 ? number(value) : number(value, digits)} ${DATA.currency}`;
const change = (value, than) => than ? `${value >= than ? '+' : '−'}${number(100 * Math.abs(value / than - 1))} %` : '–';
const share = value => percent(now.cost_amount ? value / now.cost_amount : null);
const sum = (rows, name = 'cost_amount') => rows.reduce((whole, row) => whole + row[name], 0);

const card = (title, value, facts, id) => make('div', { class: 'card', id }, make('h3', {}, title), make('div', { class: 'verdict' }, value),
  make('dl', {}, facts.flatMap(([term, fact]) => [make('dt', {}, term), make('dd', {}, fact)])));
const next = ahead.filter(row => row.bucket_name === 'all' && row.kind === 'forecast');
const judged = ahead.filter(row => row.bucket_name === 'all' && row.kind === 'held back');
const cards = make('div', { class: 'cards' },
  card(`The bill of ${DATA.period.slice(0, 7)}`, money(now.cost_amount), [
    ['to the last digit', `${now.cost_text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')} ${DATA.currency}`], [DATA.before ? `against ${DATA.before.slice(0, 7)}` : 'month before', before ? change(now.cost_amount, before.cost_amount) : '–'], ['cost measure', DATA.measure],
    ['the month is', now.is_open ? 'open: lines without an invoice' : 'closed'], ...(DATA.budget ? [['budget', money(DATA.budget)], ['of the budget', percent(now.cost_amount / DATA.budget)]] : []),
    ...(DATA.others.length ? [['also billed in', DATA.others.join(', ')]] : [])], 'bill'),
  card('Has a prefix', share(now.cost_amount - now.unallocated_amount), [['without one', money(now.unallocated_amount)], ['inventory stood in from, at most', now.filled_days === null ? '–' : `${number(now.filled_days)} days away`]], 'allocated'),
  next.length ? card(`Use in ${next[next.length - 1].month.slice(0, 7)}, forecast`, next[next.length - 1].cost_forecast === null ? 'too few days' : money(next[next.length - 1].cost_forecast), [
    ...next.filter(row => row.cost_forecast !== null).map(row => [`${row.month.slice(0, 7)}, 90 %`, `${money(row.cost_low)} to ${money(row.cost_high)}`]),
    ...judged.map(row => [`${row.month.slice(0, 7)} as forecast`, `${number(row.percentage_error, 2)} % off, ${row.is_within ? 'within' : 'outside'} its interval`])], 'forecast') : null);

// a map of boxes, each as large as its cost: rows of boxes as square as they can be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000)
const squarify = (items, x, y, width, height) => {
  const boxes = []; let rest = [...items].sort((a, b) => b.cost - a.cost), whole = rest.reduce((all, one) => all + one.cost, 0);
  while (rest.length && whole > 0) {
    const side = Math.min(width, height), area = width * height;
    const worst = row => { const total = row.reduce((all, one) => all + one.cost, 0) * area / whole, wide = total / side; return Math.max(...row.map(one => { const long = one.cost * area / whole / wide; return Math.max(wide / long, long / wide); })); };
    let row = [rest[0]];
    while (row.length < rest.length && worst([...row, rest[row.length]]) <= worst(row)) row = rest.slice(0, row.length + 1);
    const total = row.reduce((all, one) => all + one.cost, 0), wide = total / whole * (width >= height ? width : height); let at = 0;
    for (const one of row) {
      const long = one.cost / total * side;
      boxes.push(width >= height ? { ...one, x, y: y + at, width: wide, height: long } : { ...one, x: x + at, y, width: long, height: wide }); at += long;
    }
    if (width >= height) { x += wide; width -= wide; } else { y += wide; height -= wide; }
    whole -= total; rest = rest.slice(row.length);
  }
  return boxes;
};
const tree = rowsOf('tree');
const childrenOf = node => !node ? tree.filter(row => row.depth === 0) : tree.filter(row => row.bucket_name === node.bucket_name && row.depth === node.depth + 1 && (node.depth === 0 || row.prefix.startsWith(node.prefix)));
const nameOf = node => !node ? 'all buckets' : node.depth === 0 ? node.bucket_name || '(no bucket)' : node.prefix;
const map = make('div', { class: 'map' }), path = make('nav', { 'aria-label': 'Path' }), listing = make('div', { id: 'folders' });
const open = trail => {
  const node = trail[trail.length - 1], parts = childrenOf(node), own = node && parts.length ? node.cost_amount - sum(parts) : 0;
  const whole = node ? node.cost_amount : sum(parts);
  const rows = parts.map(row => ({ node: row, name: nameOf(row), cost_amount: row.cost_amount, share: whole ? row.cost_amount / whole : null }));
  if (own && Math.abs(own) > 1e-9 * Math.abs(whole)) rows.push({ node: null, name: 'objects in this folder itself', cost_amount: own, share: own / whole });
  path.replaceChildren(...trail.map((one, i) => { const button = make('button', { type: 'button', 'aria-pressed': String(i === trail.length - 1) }, nameOf(one)); button.addEventListener('click', () => open(trail.slice(0, i + 1))); return button; }));
  map.replaceChildren(...squarify(rows.filter(row => row.cost_amount > 0).map(row => ({ ...row, cost: row.cost_amount })), 0, 0, 100, 45).map((box, i) => {
    const deeper = box.node && childrenOf(box.node).length;
    const element = make(deeper ? 'button' : 'div', { class: box.width < 8 || box.height < 3 ? 'box narrow' : 'box', 'aria-label': `${box.name}: ${money(box.cost_amount)}`, type: deeper ? 'button' : null, title: `${box.name}: ${money(box.cost_amount)}, ${percent(box.share)}`,
      style: `left:${box.x}%;top:${box.y / .45}%;width:${box.width}%;height:${box.height / .45}%;--hue:${(205 + 47 * i) % 360}` }, ...(box.width < 8 || box.height < 3 ? [] : [make('span', {}, box.name), make('span', {}, money(box.cost_amount))]));
    if (deeper) element.addEventListener('click', () => open([...trail, box.node]));
    return element;
  }));
  if (!map.children.length) map.append(make('p', {}, 'Nothing that costs anything lies below.'));
  listing.replaceChildren(table(rows, [{ name: 'name', title: 'Prefix', kind: 'text' }, { name: 'cost_amount', title: 'Cost', kind: 'amount' }, { name: 'share', title: 'Share', kind: 'number', show: percent }], { by: 'cost_amount', falling: true }));
};

const KINDS = [['storage', '#4c86c6'], ['requests and retrieval', '#d9a441'], ['transfer', '#b08fc7'], ['other', '#5aa58a']];
const days = rowsOf('days'), dates = [...new Set(days.map(row => row.usage_on))];
const onDay = (date, kind) => sum(days.filter(row => row.usage_on === date && row.kind === kind));
const spread = [...new Set(days.map(row => row.kind))].filter(kind => !KINDS.some(([name]) => name === kind));

const teams = rowsOf('chargeback');
const cell = value => /^[=+@\t\r]/.test(value) || /[",\n]/.test(value) ? `"${(/^[=+@\t\r]/.test(value) ? "'" : '') + value.replaceAll('"', '""')}"` : value;
const csv = ['billing_period,currency,team,costs_of_team,cost', ...teams.map(row => [DATA.period, DATA.currency, cell(row.team), cell(row.from_team), row.cost_text].join(','))].join('\r\n');
const borne = Object.values(teams.reduce((all, row) => { const one = all[row.team] = all[row.team] || { team: row.team, own: 0, shared: 0, cost_amount: 0 }; one[row.team === row.from_team ? 'own' : 'shared'] += row.cost_amount; one.cost_amount += row.cost_amount; return all; }, {}));
const year = months.slice(-13);
const moved = rowsOf('movers').map(row => ({ ...row, difference: row.cost_now - row.cost_before })).filter(row => row.cost_now || row.cost_before);

document.querySelector('main').append(
  make('style', {}, `.map { position: relative; overflow: hidden; width: 100%; aspect-ratio: 100 / 45; min-height: 14rem; } .box { position: absolute; display: flex; flex-direction: column; justify-content: flex-start; padding: .3rem .4rem; border: 1px solid var(--ground); border-radius: 3px; overflow: hidden; text-align: left; font: inherit; font-size: .8rem; line-height: 1.25; color: #10151d; background: hsl(var(--hue) 55% 74%); } .box span { overflow-wrap: anywhere; } .box.narrow { padding: 0; } button.box { cursor: pointer; } button.box:focus-visible { outline: 3px solid var(--two); } .download { color: inherit; }`),
  section('total', 'What it comes to', null, ['fct_s3_cost_allocation', ...sourceOf('ahead')], cards),
  section('map', 'Where it goes', 'Each box is as large as its cost; a box with folders below opens. Credits and other costs below zero have no box and are in the list.', sourceOf('tree'), path, map, listing),
  section('trend', 'By day and by month', null, [...sourceOf('days'), ...sourceOf('months')], make('div', { class: 'charts' },
    stacks(`Use by day, ${DATA.currency}`, dates.map((date, i) => i % 7 ? '' : date.slice(5)), KINDS.map(([name, colour]) => ({ name, colour, values: dates.map(date => onDay(date, name)) }))),
    bars(`Bill by month, ${DATA.currency}`, year.map(row => row.month.slice(2, 7)), [{ name: year.some(row => row.is_open) ? 'bill; pale while the month is open' : 'bill', colour: 'var(--one)', values: year.map(row => row.cost_amount), faint: year.map(row => row.is_open) }],
      '', DATA.budget ? { name: 'budget', value: DATA.budget } : null)),
    spread.length ? make('p', { class: 'quiet' }, `Beside use: ${spread.map(kind => `${kind} ${money(sum(days.filter(row => row.kind === kind)))}`).join(', ')}.`) : null),
  section('movers', 'What moved most', DATA.before ? `Against ${DATA.before.slice(0, 7)}.` : 'There is no bill of a month before.', sourceOf('movers'), DATA.before ? table(moved.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference)).slice(0, 30), [
    { name: 'bucket_name', title: 'Bucket', kind: 'word' }, { name: 'prefix', title: 'Prefix', kind: 'text' }, { name: 'cost_before', title: 'Before', kind: 'amount' }, { name: 'cost_now', title: 'Now', kind: 'amount' },
    { name: 'difference', title: 'Change', kind: 'amount', show: (value, row, words) => make('span', { class: value > 0 ? 'bad' : 'good' }, `${value > 0 ? '+' : ''}${words}`) }]) : make('p', {}, 'Nothing to compare with.')),
  section('unallocated', 'What has no prefix, and why', null, sourceOf('unallocated'), rowsOf('unallocated').length ? table(rowsOf('unallocated'), [
    { name: 'unallocated_reason', title: 'Reason', kind: 'text' }, { name: 'bucket_name', title: 'Bucket', kind: 'word' }, { name: 'charge_kind', title: 'Kind', kind: 'word' }, { name: 'usage_type', title: 'Usage type', kind: 'word' }, { name: 'cost_amount', title: 'Cost', kind: 'amount' }]) : make('p', {}, 'Nothing.')),
  section('methods', 'How it was split', null, sourceOf('methods'), table(rowsOf('methods').map(row => ({ ...row, share: now.cost_amount ? row.cost_amount / now.cost_amount : null })), [
    { name: 'allocation_method', title: 'By', kind: 'text' }, { name: 'cost_amount', title: 'Cost', kind: 'amount' }, { name: 'share', title: 'Share', kind: 'number', show: percent }])),
  section('chargeback', 'What each team bears', 'Its own costs, and its part of those that are shared.', sourceOf('chargeback'),
    make('p', {}, make('a', { class: 'download', download: `s3_chargeback_${DATA.period.slice(0, 7)}.csv`, href: `data:text/csv;charset=utf-8,${encodeURIComponent(csv)}` }, 'Download as CSV, to the last digit')),
    table(borne, [{ name: 'team', title: 'Team', kind: 'word' }, { name: 'own', title: 'Own', kind: 'amount' }, { name: 'shared', title: "Of others'", kind: 'amount' }, { name: 'cost_amount', title: 'Bears', kind: 'amount' }], { by: 'cost_amount', falling: true })),
  section('owners', 'Whose it is', 'Before anything is shared.', sourceOf('data_sets'), table(rowsOf('data_sets'), [{ name: 'team', title: 'Team', kind: 'word' }, { name: 'cost_centre', title: 'Cost centre', kind: 'word' }, { name: 'data_set', title: 'Data set', kind: 'word' }, { name: 'cost_amount', title: 'Cost', kind: 'amount' }])),
  section('accounts', 'By account', 'Who pays, and who used it.', sourceOf('accounts'), table(rowsOf('accounts').map(row => ({ ...row, share: now.cost_amount ? row.cost_amount / now.cost_amount : null })), [
    { name: 'payer_account_id', title: 'Pays', kind: 'word' }, { name: 'usage_account_id', title: 'Used by', kind: 'word' }, { name: 'cost_amount', title: 'Cost', kind: 'amount' }, { name: 'share', title: 'Share', kind: 'number', show: percent }])),
  section('requesters', 'Who asks', 'Of the access logs of the month.', sourceOf('requesters'), rowsOf('requesters').length ? table(rowsOf('requesters'), [{ name: 'requester', title: 'Requester', kind: 'text' }, { name: 'bucket_name', title: 'Bucket', kind: 'word' }, { name: 'billed_operation', title: 'Operation', kind: 'word' }, { name: 'requests', title: 'Requests', kind: 'number' }, { name: 'gigabytes_sent', title: 'GB sent', kind: 'number' }]) : make('p', {}, 'No access logs of this month.')),
  section('stored', 'What is stored', 'On the last day with an inventory.', sourceOf('stored'), table(rowsOf('stored'), [{ name: 'storage_class', title: 'Class', kind: 'word' }, { name: 'access_tier', title: 'Tier', kind: 'word' }, { name: 'version_kind', title: 'Versions', kind: 'word' }, { name: 'objects', title: 'Objects', kind: 'number' }, { name: 'small_objects', title: 'below 128 KiB', kind: 'number' }, { name: 'gigabytes', title: 'GB', kind: 'number' }])));
// a single bucket is no choice
const buckets = childrenOf(null);
open(buckets.length === 1 && childrenOf(buckets[0]).length ? [null, buckets[0]] : [null]);
{% endraw %}{%- endmacro %}
