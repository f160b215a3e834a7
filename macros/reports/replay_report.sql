{#
    Prints the comparison of a replay as one HTML page: verdicts first, then what was compared, durations, changes, phases, queries at a time, cost,
    and tables that a click sorts; each part names the models that it is from. Runs on every engine; the verdicts with intervals are there where
    agg_replay_verdicts is.
    dbt --quiet run-operation replay_report > replay_report.html
    dbt --quiet run-operation replay_report --args '{what_if_timestamp: 2024-03-05-21-00-00}' > replay_report.html
    what_if_timestamp: the replay; none for the last one.
#}
{% macro replay_report(what_if_timestamp=none) %}
    {%- if execute -%}
        {%- set comparison = relation_of_model('replay_report', 'agg_replay_comparison') -%}
        {%- set known = run_query('select distinct what_if_timestamp from ' ~ comparison ~ ' order by what_if_timestamp').columns[0].values() | list -%}
        {%- if not known -%}
            {{ exceptions.raise_compiler_error("millrace: replay_report: no replay has a baseline and a target beside it. Land its unloads and run dbt build --selector platform.") }}
        {%- endif -%}
        {%- set replay = what_if_timestamp or known[-1] -%}
        {%- if replay not in known -%}
            {{ refuse_operation('replay_report', 'what_if_timestamp', replay, 'one of ' ~ known | join(', ')) }}
        {%- endif -%}
        {%- set data = {'replay': replay, 'tables': report_data(replay_report_queries(replay)), 'phases': replay_phases(), 'latency': replay_latency_target()} -%}
        {{ print(report_page('Replay of ' ~ replay[:10] ~ ' ' ~ replay[11:] | replace('-', ':') ~ ' UTC', data, replay_report_script())) }}
    {%- endif -%}
{% endmacro %}


{# The queries of replay_report(), as report_data() wants them. replay: what-if timestamp. #}
{% macro replay_report_queries(replay) %}
    {%- set models = {} -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and (node.name.startswith('agg_replay') or node.name.startswith('fct_replay') or node.name == 'dim_replay_configuration') -%}
            {%- do models.update({node.name: node.relation_name}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set of_replay = "where what_if_timestamp = '" ~ replay ~ "'" -%}
    {%- set pairs = models['fct_replayed_query_pairs'] ~ " " ~ of_replay -%}
    {%- set queries = {} -%}
    {%- for name, model, order_by in [
        ('configurations', 'dim_replay_configuration', 'configuration_name, cluster_identifier'),
        ('comparison', 'agg_replay_comparison', 'configuration_name'),
        ('durations', 'agg_replay_durations', 'configuration_name, side'),
        ('price_performance', 'agg_replay_price_performance', 'configuration_name'),
        ('concurrency', 'agg_replay_concurrency', 'cluster_identifier'),
    ] -%}
        {%- do queries.update({name: {'sql': 'select * from ' ~ models[model] ~ ' ' ~ of_replay ~ ' order by ' ~ order_by, 'source': [model]}}) -%}
    {%- endfor -%}
    {%- set users -%}
        select
            configuration_name,
            user_name,
            query_type,
            sum(compared_queries) as queries,
            sum(baseline_elapsed_seconds) as baseline_seconds,
            sum(target_elapsed_seconds) as target_seconds
        from {{ models['agg_replay_workload'] }} {{ of_replay }}
        group by configuration_name, user_name, query_type
        having sum(compared_queries) > 0
        order by configuration_name, user_name, query_type
    {%- endset -%}
    {%- do queries.update({'users': {'sql': users, 'source': ['agg_replay_workload']}}) -%}
    {%- set extremes -%}
        select configuration_name, list_name, place, user_name, query_type, statement_text, baseline_seconds, target_seconds
        from (
            {%- for list, order_by in {'slowest': 'target_elapsed_us desc', 'most improved': 'change_us', 'most degraded': 'change_us desc'}.items() %}
            select
                configuration_name,
                '{{ list }}' as list_name,
                row_number() over (partition by configuration_name order by {{ order_by }}, baseline_query_id) as place,
                user_name,
                query_type,
                substring(statement_text, 1, 300) as statement_text,
                cast(baseline_elapsed_us as {{ float_type() }}) / 1000000 as baseline_seconds,
                cast(target_elapsed_us as {{ float_type() }}) / 1000000 as target_seconds
            from {{ pairs }} and pair_class = 'compared'
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as placed
        where place <= 10
        order by configuration_name, list_name, place
    {%- endset -%}
    {%- do queries.update({'extremes': {'sql': extremes, 'source': ['fct_replayed_query_pairs']}}) -%}
    {%- set errors -%}
        select
            configuration_name,
            pair_class,
            substring(statement_text, 1, 300) as statement_text,
            case when pair_class = 'resolved error' then baseline_error_message else target_error_message end as error_message,
            count(*) as queries
        from {{ pairs }} and pair_class in ('new error', 'new timeout', 'resolved error')
        group by 1, 2, 3, 4
        order by configuration_name, queries desc, statement_text
        limit 200
    {%- endset -%}
    {%- do queries.update({'errors': {'sql': errors, 'source': ['fct_replayed_query_pairs']}}) -%}
    {#- steps of a tenth of the natural logarithm: each is about 10 % -#}
    {%- set changes -%}
        select configuration_name, step, count(*) as queries
        from (
            select
                configuration_name,
                greatest(-15, least(15, cast(floor(
                    10 * ln(cast(greatest(target_elapsed_us, 1) as {{ float_type() }}) / greatest(baseline_elapsed_us, 1)) + 0.5
                ) as integer))) as step
            from {{ pairs }} and pair_class = 'compared'
        ) as stepped
        group by configuration_name, step
        order by configuration_name, step
    {%- endset -%}
    {%- do queries.update({'changes': {'sql': changes, 'source': ['fct_replayed_query_pairs']}}) -%}
    {#- how many ran at 121 moments, on each cluster from its own first query: clocks may differ, and replays may follow each other -#}
    {%- set running -%}
        with spans as (
            select
                cluster_identifier,
                min(valid_from) as first_from,
                {{ elapsed_us('min(valid_from)', 'max(valid_to)') }} as lasted_us
            from {{ models['fct_replay_concurrency'] }} {{ of_replay }}
            group by cluster_identifier
        ),
        placed as (
            select
                stretches.cluster_identifier,
                stretches.running_queries,
                120.0 * {{ elapsed_us('spans.first_from', 'stretches.valid_from') }} / longest.lasted_us as place_from,
                120.0 * {{ elapsed_us('spans.first_from', 'stretches.valid_to') }} / longest.lasted_us as place_to
            from {{ models['fct_replay_concurrency'] }} as stretches
            inner join spans on stretches.cluster_identifier = spans.cluster_identifier
            cross join (select max(lasted_us) as lasted_us from spans) as longest
            where stretches.what_if_timestamp = '{{ replay }}' and longest.lasted_us > 0
        ),
        moments as (
            {% for place in range(121) %}select {{ place }} as place{{ ' union all ' if not loop.last }}{% endfor %}
        )
        select placed.cluster_identifier, moments.place, max(placed.running_queries) as running_queries
        from placed
        inner join moments on moments.place >= placed.place_from and moments.place < placed.place_to
        group by placed.cluster_identifier, moments.place
        order by placed.cluster_identifier, moments.place
    {%- endset -%}
    {%- do queries.update({'running': {'sql': running, 'source': ['fct_replay_concurrency']}}) -%}
    {%- if 'agg_replay_verdicts' in models -%}
        {%- set verdicts -%}
            select
                configuration_name, is_rerun, statement_key, statement_text, pairs, baseline_seconds, target_seconds, ratio, ratio_low, ratio_high,
                adjusted_p_value, reruns, undone_by, verdict, reason
            from (
                select
                    verdicts.*,
                    row_number() over (
                        partition by configuration_name
                        order by case statement_key when 'all' then 0 when 'total' then 1 else 2 end, abs(target_seconds - baseline_seconds) desc, statement_key
                    ) as place
                from {{ models['agg_replay_verdicts'] }} as verdicts {{ of_replay }}
            ) as ranked
            where place <= 52
            order by configuration_name, place
        {%- endset -%}
        {%- do queries.update({'verdicts': {'sql': verdicts, 'source': ['agg_replay_verdicts']}}) -%}
    {%- endif -%}
    {{ return(queries) }}
{% endmacro %}


{# What replay_report() draws from its data. #}
{% macro replay_report_script() -%}{% raw %}
const ONE = 'var(--one)', TWO = 'var(--two)';
const CLUSTERS = ['var(--one)', 'var(--two)', 'var(--good)', 'var(--warn)', 'var(--bad)', 'var(--quiet)'];
const PHASE_COLOURS = ['#7a8794', '#b08fc7', '#d9a441', '#c65b5b', '#4c86c6', '#5aa58a'];
const comparisons = rowsOf('comparison'), verdicts = rowsOf('verdicts'), prices = rowsOf('price_performance');
const names = comparisons.map(row => row.configuration_name);
const baseline = rowsOf('configurations').find(row => row.is_baseline);
const of = (rows, name) => rows.filter(row => row.configuration_name === name);
const overall = name => verdicts.find(row => row.configuration_name === name && row.statement_key === 'all');
const totalOf = name => verdicts.find(row => row.configuration_name === name && row.statement_key === 'total');
const word = verdict => verdict === 'same' ? 'the same' : verdict;
const tones = { faster: 'faster', slower: 'slower', same: '' };
const toneOf = verdict => verdict ? tones[verdict.verdict] ?? 'unsure' : '';
const between = verdict => verdict && verdict.ratio_low !== null ? `${number(verdict.ratio)} (${number(verdict.ratio_low)} to ${number(verdict.ratio_high)})` : null;
// the typical statement and the seconds may say two things: the page says so before anything else
const isDecided = verdict => verdict && ['faster', 'slower', 'same'].includes(verdict.verdict);
const disagreeing = names.filter(name => isDecided(overall(name)) && isDecided(totalOf(name)) && overall(name).verdict !== totalOf(name).verdict);
const disagreements = disagreeing.map(name => make('p', { class: 'bad', 'data-disagrees': name }, `${name}: the typical statement is ${word(overall(name).verdict)}, the seconds of all statements are ${totalOf(name).verdict === 'same' ? 'the same' : totalOf(name).verdict === 'faster' ? 'fewer' : 'more'} (${number(totalOf(name).baseline_seconds)} s to ${number(totalOf(name).target_seconds)} s).`));
const limits = verdicts.length ? make('p', { class: 'quiet' }, verdicts.some(row => row.reruns) ? `The noise of ${number(Math.max(...verdicts.map(row => row.reruns)))} ${Math.max(...verdicts.map(row => row.reruns)) === 1 ? 'rerun' : 'reruns'} of the baseline is in every interval.` : 'Without a rerun of the baseline each verdict holds for these two runs alone.', names.length > 1 ? ` The p-values of ${number(names.length)} configurations are adjusted together.` : '') : null;

const card = row => {
  const name = row.configuration_name, verdict = overall(name), price = prices.find(one => one.configuration_name === name) || {};
  const total = totalOf(name), tone = toneOf(verdict);
  const ratio = row.target_elapsed_seconds / row.baseline_elapsed_seconds;
  const broken = row.new_error_queries + row.new_timeout_queries;
  const facts = [
    between(verdict) ? ['typical statement, × baseline', between(verdict)] : null,
    ['seconds, × baseline', between(total) || (row.baseline_elapsed_seconds ? number(ratio) : '–')],
    total ? ['seconds', word(total.verdict)] : null,
    verdict && verdict.undone_by ? ['undone by a shift of', percent(verdict.undone_by)] : null,
    ['improved, same, degraded', `${number(row.improved_queries)}, ${number(row.same_queries)}, ${number(row.degraded_queries)}`],
    ['compared', `${number(row.compared_queries)} of ${number(row.queries)} queries`],
    ['new errors, timeouts', number(broken)],
    ['cost', price.cost_amount === null || price.cost_amount === undefined ? price.cost_basis || '–' : `${number(price.cost_amount, 4)} ${price.currency}`],
    ['work per money, × baseline', number(price.price_performance)],
    [`within ${DATA.latency.percentile} of ${number(DATA.latency.seconds)} s`, price.holds_latency_target === true ? 'yes' : price.holds_latency_target === false ? 'no' : '–'],
  ].filter(Boolean);
  return make('div', { class: 'card', 'data-configuration': name }, make('h3', {}, name),
    make('div', { class: `verdict ${tone}` }, verdict ? word(verdict.verdict) : 'no verdict on this engine'),
    verdict && verdict.is_rerun ? make('div', {}, 'the baseline, run again') : null,
    verdict && verdict.reason && (!verdict.undone_by || broken) ? make('div', { class: 'quiet' }, verdict.reason) : null,
    price.is_cheapest_within_target ? make('div', { class: 'good' }, 'cheapest within the latency target') : null,
    broken ? make('div', { class: 'bad' }, `${number(broken)} queries that succeeded in the baseline fail here`) : null,
    make('dl', {}, facts.flatMap(([term, value]) => [make('dt', {}, term), make('dd', {}, value)])));
};

const CLASSES = [['compared', 'compared_queries'], ['from the cache', 'from_cache_queries'], ['first run', 'first_run_queries'], ['new error', 'new_error_queries'], ['new timeout', 'new_timeout_queries'], ['resolved error', 'resolved_error_queries'], ['failed in both', 'failed_in_both_queries'], ['missing', 'missing_queries'], ['not part', 'not_replayed_queries'], ['only in target', 'only_in_target_queries']];
const PERCENTILES = [['p25', 25], ['p50', 50], ['p75', 75], ['p90', 90], ['p95', 95], ['p99', 99], ['p999', 99.9]];

const detail = name => {
  const row = comparisons.find(one => one.configuration_name === name);
  const sides = of(rowsOf('durations'), name);
  const quantiles = ['baseline', 'target'].map(side => ({ name: side === 'target' ? name : 'baseline', colour: side === 'target' ? TWO : ONE, points: PERCENTILES.map(([key], i) => [i, (sides.find(one => one.side === side) || {})[`${key}_seconds`] ?? null]) }));
  const steps = of(rowsOf('changes'), name), queriesAt = step => (steps.find(one => one.step === step) || { queries: 0 }).queries;
  const places = Array.from({ length: 31 }, (_, i) => i - 15);
  const parts = [...DATA.phases.slice(1), 'residual'];
  const clusters = rowsOf('configurations').filter(one => one.configuration_name === name || one.is_baseline).map(one => one.cluster_identifier);
  const running = [...new Set(clusters)].map((cluster, i) => ({ name: cluster, colour: CLUSTERS[i % CLUSTERS.length], step: true, points: rowsOf('running').filter(one => one.cluster_identifier === cluster).map(one => [one.place, one.running_queries]) }));
  const seconds = value => number(value, 4);
  return [
    section('fidelity', 'What was compared', 'Every query of either side is in one class.', sourceOf('comparison'),
      table(CLASSES.map(([title, column]) => ({ title, queries: row[column], share: row.queries ? row[column] / row.queries : null })).filter(one => one.queries),
        [{ name: 'title', title: 'Class', kind: 'word' }, { name: 'queries', title: 'Queries', kind: 'number' }, { name: 'share', title: 'Share', kind: 'number', show: percent }]),
      make('p', { class: 'quiet' }, `Queries met by replay tag: ${number(row.paired_by_tag_queries)}, by the hash of the engine: ${number(row.paired_by_hash_queries)}, by the statement: ${number(row.paired_by_text_queries)}. Results with another number of rows: ${number(row.other_result_queries)}.`)),
    section('durations', 'How long queries took', 'Over the compared pairs.', [...sourceOf('durations'), ...sourceOf('changes'), ...sourceOf('comparison'), ...sourceOf('running')], make('div', { class: 'charts' },
      lines('Seconds by percentile', quantiles, { logarithmic: true, unit: ' s', labelsX: PERCENTILES.map(([, text], i) => [i, `${text} %`]) }),
      bars('Queries by change of their time', places.map(step => step % 5 ? '' : `${step === -15 ? '≤' : step === 15 ? '≥' : ''}${number(Math.exp(step / 10), 2)}×`),
        [{ name: 'queries, by target over baseline', colour: TWO, values: places.map(queriesAt), tips: places.map(step => `${number(Math.exp(step / 10), 2)}×`) }]),
      stacks('Seconds by phase', ['baseline', name], parts.map((phase, i) => ({ name: phase.replace('_', ' '), colour: PHASE_COLOURS[i], values: ['baseline', 'target'].map(side => row[`${side}_${phase}_seconds`] - (phase === 'execution' && row[`${side}_compiles_while_executing`] ? row[`${side}_compile_seconds`] : 0)) })), ' s'),
      lines('Queries at a time, from the first query of each cluster', running, { labelsX: [[0, '0 %'], [60, '50 %'], [120, '100 %']] }))),
    section('statements', 'Statements', verdicts.length ? 'Those that contribute most seconds to the difference.' : 'agg_replay_verdicts is not built on this engine.', sourceOf('verdicts').length ? sourceOf('verdicts') : ['agg_replay_verdicts'],
      table(of(verdicts, name).filter(one => !['all', 'total'].includes(one.statement_key)).map(one => ({ ...one, change: one.target_seconds - one.baseline_seconds })), [
        { name: 'statement_text', title: 'Statement', kind: 'text' }, { name: 'verdict', title: 'Verdict', kind: 'word', show: value => make('span', { class: value === 'faster' ? 'good' : value === 'slower' ? 'bad' : '' }, value) },
        { name: 'pairs', title: 'Pairs', kind: 'number' }, { name: 'ratio', title: '× baseline', kind: 'number' },
        { name: 'ratio_low', title: 'Interval', kind: 'number', show: (value, one) => value === null ? '–' : `${number(value)} to ${number(one.ratio_high)}` },
        { name: 'baseline_seconds', title: 'Baseline s', kind: 'number', show: seconds }, { name: 'target_seconds', title: 'Target s', kind: 'number', show: seconds }, { name: 'change', title: 'Change s', kind: 'number', show: seconds },
        { name: 'reason', title: 'Why', kind: 'text', show: value => value ?? '' }])),
    section('users', 'Users and kinds of statement', null, sourceOf('users'),
      table(of(rowsOf('users'), name).map(one => ({ ...one, ratio: one.baseline_seconds ? one.target_seconds / one.baseline_seconds : null })), [{ name: 'user_name', title: 'User', kind: 'word' }, { name: 'query_type', title: 'Kind', kind: 'word' }, { name: 'queries', title: 'Compared', kind: 'number' },
        { name: 'baseline_seconds', title: 'Baseline s', kind: 'number', show: seconds }, { name: 'target_seconds', title: 'Target s', kind: 'number', show: seconds }, { name: 'ratio', title: '× baseline', kind: 'number' }])),
    section('extremes', 'Slowest, most improved, most degraded', null, sourceOf('extremes'),
      table(of(rowsOf('extremes'), name), [{ name: 'list_name', title: 'List', kind: 'word' }, { name: 'place', title: 'Place', kind: 'number' }, { name: 'user_name', title: 'User', kind: 'word' }, { name: 'statement_text', title: 'Statement', kind: 'text' },
        { name: 'baseline_seconds', title: 'Baseline s', kind: 'number', show: seconds }, { name: 'target_seconds', title: 'Target s', kind: 'number', show: seconds }])),
    section('errors', 'Errors that one side alone has', null, sourceOf('errors'),
      of(rowsOf('errors'), name).length ? table(of(rowsOf('errors'), name), [{ name: 'pair_class', title: 'Class', kind: 'word' }, { name: 'queries', title: 'Queries', kind: 'number' }, { name: 'error_message', title: 'Error', kind: 'text' }, { name: 'statement_text', title: 'Statement', kind: 'text' }]) : make('p', {}, 'None.')),
  ];
};

const chosen = make('div', { id: 'detail' });
const buttons = names.map(name => make('button', { type: 'button', 'aria-pressed': 'false' }, name));
const choose = name => { chosen.replaceChildren(...detail(name)); buttons.forEach(button => button.setAttribute('aria-pressed', String(button.textContent === name))); };
buttons.forEach(button => button.addEventListener('click', () => choose(button.textContent)));
document.querySelector('main').append(
  section('verdicts', `Against ${baseline ? baseline.cluster_identifier : 'the baseline'}`, 'Each configuration, over all statements. The interval is at 95 % unless the model is told otherwise.', ['agg_replay_comparison', ...sourceOf('verdicts'), ...sourceOf('price_performance')], ...disagreements, limits, make('div', { class: 'cards' }, comparisons.map(card))),
  section('cost', 'Cost', 'A replay keeps the pace of the recorded workload, so cost is compared for the same work in the same time.', sourceOf('price_performance'), table(prices, [
    { name: 'configuration_name', title: 'Configuration', kind: 'word' }, { name: 'cost_amount', title: 'Cost', kind: 'number', show: (value, one) => value === null ? '–' : `${number(value, 4)} ${one.currency}` }, { name: 'cost_basis', title: 'Reckoned from', kind: 'word' },
    { name: 'cost_per_thousand_queries', title: 'per 1,000 queries', kind: 'number' }, { name: 'cost_ratio', title: 'cost × baseline', kind: 'number' }, { name: 'speedup', title: 'speed × baseline', kind: 'number' }, { name: 'price_performance', title: 'work per money', kind: 'number' },
    { name: 'scaling_class', title: 'Scaling', kind: 'word' }, { name: 'p50_seconds', title: 'p50 s', kind: 'number' }, { name: 'p95_seconds', title: 'p95 s', kind: 'number' }, { name: 'p99_seconds', title: 'p99 s', kind: 'number' }])),
  make('nav', { 'aria-label': 'Configuration' }, buttons), chosen);
choose(names.includes((prices.find(row => row.is_cheapest_within_target) || {}).configuration_name) ? prices.find(row => row.is_cheapest_within_target).configuration_name : names[0]);
{% endraw %}{%- endmacro %}
