{#
    Prints the comparison of a replay as one HTML page: verdicts first, then cost, what was compared, durations, changes, phases, queries at a time,
    statements, users, method and limits; each part names the models that it is from. Runs on every engine; the verdicts with intervals are there where
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
        {%- set data = {'replay': replay, 'tables': report_data(replay_report_queries(replay)), 'phases': replay_phases(), 'latency': replay_latency_target(),
            'settings': replay_report_settings(), 'made': run_started_at.strftime('%Y-%m-%d %H:%M') ~ ' UTC'} -%}
        {{ print(report_page('Replay of ' ~ replay[:10] ~ ' ' ~ replay[11:] | replace('-', ':') ~ ' UTC', data, replay_report_script())) }}
    {%- endif -%}
{% endmacro %}


{#
    What the comparison was told, for replay_report(): thresholds of the pairs and of agg_replay_verdicts, what is left out, and limits.
#}
{% macro replay_report_settings() %}
    {#- as in DEFAULTS of agg_replay_verdicts, where its configuration says nothing else -#}
    {%- set verdicts = {'alpha': 0.05, 'minimum_pairs': 5, 'minimum_statements': 5, 'large_change': 2.0} -%}
    {%- for node in graph.nodes.values() if node.name == 'agg_replay_verdicts' and node.resource_type == 'model' -%}
        {%- do verdicts.update((node.config.meta or {}).get('verdicts', {})) -%}
    {%- endfor -%}
    {%- set limits = [] -%}
    {%- for configuration, own in var('replay_limits', {}).items() -%}
        {%- for name, limit in own.items() -%}{%- do limits.append({'configuration': configuration, 'name': name, 'limit': limit}) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return({
        'alpha': verdicts.alpha | float,
        'minimum_pairs': verdicts.minimum_pairs | int,
        'minimum_statements': verdicts.minimum_statements | int,
        'large_change': verdicts.large_change | float,
        'same_within': var('replay_same_within', 0.05) | float,
        'same_within_ms': var('replay_same_within_ms', 10) | float,
        'leaves_out_first_runs': var('replay_leave_out_first_runs', false) | string | lower == 'true',
        'excluded': (var('replay_excluded_users', ['rdsdb']) or []) + (var('replay_excluded_databases', []) or [])
            + (var('replay_excluded_query_types', []) or []),
        'limits': limits,
    }) }}
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
    {#- the most that ran at a time within each of 120 slices, from every stretch of time that touches it, on each cluster from its own first query:
        clocks may differ, and replays may follow each other -#}
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
        slices as (
            {% for place in range(120) %}select {{ place }} as place{{ ' union all ' if not loop.last }}{% endfor %}
        )
        select placed.cluster_identifier, slices.place, max(placed.running_queries) as running_queries
        from placed
        inner join slices on placed.place_from < slices.place + 1 and placed.place_to > slices.place
        group by placed.cluster_identifier, slices.place
        order by placed.cluster_identifier, slices.place
    {%- endset -%}
    {%- do queries.update({'running': {'sql': running, 'source': ['fct_replay_concurrency']}}) -%}
    {#- latency of each user on either side -#}
    {%- set latencies -%}
        with sides as (
            {%- for side in ('baseline', 'target') %}
            select configuration_name, user_name, '{{ side }}' as side, cast({{ side }}_elapsed_us as {{ float_type() }}) / 1000000 as seconds
            from {{ pairs }} and pair_class = 'compared'
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ),
        placed as (
            select
                sides.*,
                row_number() over (partition by configuration_name, user_name, side order by seconds) as place,
                count(*) over (partition by configuration_name, user_name, side) as number
            from sides
        )
        select
            configuration_name,
            user_name,
            side,
            count(*) as queries,
            {{ interpolated_percentile('seconds', 0.5) }} as p50_seconds,
            {{ interpolated_percentile('seconds', 0.95) }} as p95_seconds,
            max(seconds) as max_seconds
        from placed
        group by configuration_name, user_name, side
        order by configuration_name, user_name, side
    {%- endset -%}
    {%- do queries.update({'latencies': {'sql': latencies, 'source': ['fct_replayed_query_pairs']}}) -%}
    {#- how many are beyond each of some changes, by more than what counts as no change at all -#}
    {%- set thresholds -%}
        with steps as (
            {% for step in [1.05, 1.1, 1.25, 1.5, 2, 5, 10] %}select cast({{ step }} as {{ float_type() }}) as factor{{ ' union all ' if not loop.last }}{% endfor %}
        ),
        moved as (
            select configuration_name, baseline_elapsed_us, target_elapsed_us
            from {{ pairs }} and pair_class = 'compared' and abs(change_us) > {{ var('replay_same_within_ms', 10) * 1000 }}
        )
        select
            moved.configuration_name,
            steps.factor,
            sum(case when moved.baseline_elapsed_us >= steps.factor * moved.target_elapsed_us then 1 else 0 end) as faster_queries,
            sum(case when moved.target_elapsed_us >= steps.factor * moved.baseline_elapsed_us then 1 else 0 end) as slower_queries
        from moved
        cross join steps
        group by moved.configuration_name, steps.factor
        order by moved.configuration_name, steps.factor
    {%- endset -%}
    {%- do queries.update({'thresholds': {'sql': thresholds, 'source': ['fct_replayed_query_pairs']}}) -%}
    {%- if 'agg_replay_verdicts' in models -%}
        {%- set verdicts -%}
            select
                configuration_name, is_rerun, statement_key, substring(statement_text, 1, 300) as statement_text, pairs, baseline_seconds, target_seconds, ratio, ratio_low, ratio_high,
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
            where place <= 502
            order by configuration_name, place
        {%- endset -%}
        {%- do queries.update({'verdicts': {'sql': verdicts, 'source': ['agg_replay_verdicts']}}) -%}
    {%- endif -%}
    {{ return(queries) }}
{% endmacro %}


{# What replay_report() draws from its data. #}
{% macro replay_report_script() -%}{% raw %}
const PHASE_COLOURS = ['#7a8794', '#b08fc7', '#d9a441', '#c65b5b', '#4c86c6', '#5aa58a'];
const comparisons = rowsOf('comparison'), verdicts = rowsOf('verdicts'), prices = rowsOf('price_performance');
const names = comparisons.map(row => row.configuration_name);
const baseline = rowsOf('configurations').find(row => row.is_baseline);
const SETTINGS = DATA.settings;
// one colour per configuration and cluster, in every chart: the baseline has the first
const coloured = [...new Set([baseline ? baseline.configuration_name : 'baseline', ...names, ...rowsOf('configurations').map(row => row.cluster_identifier)])];
const colourOf = name => { const place = coloured.indexOf(name); return place < 0 ? 'var(--quiet)' : place < 8 ? `var(--c${place})` : `hsl(${place * 47 % 360} 55% 50%)`; };
const swatch = name => make('i', { class: 'swatch', style: `background:${colourOf(name)}` });
const baselineName = baseline ? baseline.cluster_identifier : 'baseline';
const reruns = names.filter(name => rowsOf('configurations').some(row => row.configuration_name === name && row.is_rerun));
const share = value => `${number(100 * value)} %`;
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
    ['cost, × baseline', number(price.cost_ratio)],
    ['work per money, × baseline', number(price.price_performance)],
    [`within ${DATA.latency.percentile} of ${number(DATA.latency.seconds)} s`, price.holds_latency_target === true ? 'yes' : price.holds_latency_target === false ? 'no' : '–'],
  ].filter(Boolean);
  return make('div', { class: 'card', 'data-configuration': name }, make('h3', {}, swatch(name), name),
    make('div', { class: `verdict ${tone}` }, verdict ? word(verdict.verdict) : 'no verdict on this engine'),
    verdict && verdict.is_rerun ? make('div', {}, 'the baseline, run again') : null,
    verdict && verdict.reason && (!verdict.undone_by || broken) ? make('div', { class: 'quiet' }, verdict.reason) : null,
    price.is_cheapest_within_target ? make('div', { class: 'good' }, 'cheapest within the latency target') : null,
    broken ? make('div', { class: 'bad' }, `${number(broken)} queries that succeeded in the baseline fail here`) : null,
    make('dl', {}, facts.flatMap(([term, value]) => [make('dt', {}, term), make('dd', {}, value)])));
};

const effect = (verdict, words, name) => ({ name: words || '(a comment alone)', colour: colourOf(name), low: verdict.ratio_low, middle: verdict.ratio, high: verdict.ratio_high, tip: `${words}: ${between(verdict) || number(verdict.ratio)}, ${word(verdict.verdict)}` });
const effects = names.flatMap(name => [[overall(name), 'typical statement'], [totalOf(name), 'seconds']].filter(([one]) => one && one.ratio > 0).map(([one, words]) => effect(one, `${name}: ${words}`, name)));

// what was run, when, and what it was told
const runs = rowsOf('configurations').map(row => ({ ...row, role: row.is_baseline ? 'baseline' : row.is_rerun ? 'the baseline, run again' : 'target' }));
const settings = [
  ['A pair is the same within', `${share(SETTINGS.same_within)} of the baseline, or ${number(SETTINGS.same_within_ms)} ms`],
  ['Share of false alarms', share(SETTINGS.alpha)],
  ['Fewest pairs of a statement for a verdict', number(SETTINGS.minimum_pairs)],
  ['Fewest statements that are the unit of a headline', number(SETTINGS.minimum_statements)],
  ['Large change with fewer pairs', `${number(SETTINGS.large_change)} times`],
  ['Latency target', `${DATA.latency.percentile} within ${number(DATA.latency.seconds)} s`],
  ['First runs of a statement', SETTINGS.leaves_out_first_runs ? 'left out' : 'compared'],
  ['Users, databases and kinds left out', SETTINGS.excluded.join(', ') || 'none'],
  ...SETTINGS.limits.map(one => [`Limit of ${one.configuration === '*' ? 'every target' : one.configuration}: ${one.name.replace('_', ' ')}`, number(one.limit)]),
].map(([name, value]) => ({ name, value }));
const METHOD = [
  'A pair is a query of the baseline and the same query of a target. They meet by the replay tag, else by the hash of the engine, else by the text. Below 1 the target is faster.',
  `Typical statement: the mean change of all statements, each counted once, with ${number(SETTINGS.same_within_ms)} ms added on either side and without statements that do no work. Seconds: the sums of either side.`,
  `An interval has the true value in ${share(1 - SETTINGS.alpha)} of the cases. Statements have t intervals whose variances borrow from each other; the seconds are drawn again by statement. Verdicts of many statements and configurations are adjusted for their number.`,
];
const LIMITS = [
  reruns.length ? `The noise of a run is estimated from ${number(reruns.length)} ${reruns.length === 1 ? 'rerun' : 'reruns'} of the baseline${reruns.length < 3 ? '; three say much more' : ''}.` : 'There is no rerun of the baseline: what one run differs by from the next is unknown, and every verdict holds for these runs alone.',
  'The result is that of this workload, at its pace. Queries that run beside each other share their seconds, so their sum is not time on the clock.',
  'Moments of different clusters are not compared: their clocks may differ.',
  'Cost is that of compute; storage, backups, data transfer, concurrency scaling and Spectrum are not in it.',
];
const list = items => make('ul', {}, items.map(item => make('li', {}, item)));

const CLASSES = [['compared', 'compared_queries'], ['from the cache', 'from_cache_queries'], ['first run', 'first_run_queries'], ['new error', 'new_error_queries'], ['new timeout', 'new_timeout_queries'], ['resolved error', 'resolved_error_queries'], ['failed in both', 'failed_in_both_queries'], ['within a call', 'within_call_queries'], ['left out by the replay', 'left_out_queries'], ['missing', 'missing_queries'], ['not part', 'not_replayed_queries'], ['only in target', 'only_in_target_queries']];
const PERCENTILES = [['p25', 25], ['p50', 50], ['p75', 75], ['p90', 90], ['p95', 95], ['p99', 99], ['p999', 99.9]];

const detail = name => {
  const row = comparisons.find(one => one.configuration_name === name);
  const sides = of(rowsOf('durations'), name);
  const quantiles = ['baseline', 'target'].map(side => ({ name: side === 'target' ? name : baselineName, colour: colourOf(side === 'target' ? name : baselineName), points: PERCENTILES.map(([key], i) => [i, (sides.find(one => one.side === side) || {})[`${key}_seconds`] ?? null]) }));
  const steps = of(rowsOf('changes'), name), queriesAt = step => (steps.find(one => one.step === step) || { queries: 0 }).queries;
  const places = Array.from({ length: 31 }, (_, i) => i - 15);
  const parts = [...DATA.phases.slice(1), 'residual'];
  const clusters = rowsOf('configurations').filter(one => one.configuration_name === name || one.is_baseline).map(one => one.cluster_identifier);
  const running = [...new Set(clusters)].map(cluster => ({ name: cluster, colour: colourOf(cluster), step: true, points: rowsOf('running').filter(one => one.cluster_identifier === cluster).map(one => [one.place, one.running_queries]) }));
  const seconds = value => number(value, 4);
  const ofStatements = of(verdicts, name).filter(one => !['all', 'total'].includes(one.statement_key));
  const byUser = [...new Set(of(rowsOf('latencies'), name).map(one => one.user_name))].map(user => {
    const [before, after] = ['baseline', 'target'].map(side => of(rowsOf('latencies'), name).find(one => one.user_name === user && one.side === side) || {});
    return { user_name: user, queries: before.queries, baseline_p50: before.p50_seconds, target_p50: after.p50_seconds, baseline_p95: before.p95_seconds, target_p95: after.p95_seconds, baseline_max: before.max_seconds, target_max: after.max_seconds, ratio: before.p95_seconds ? after.p95_seconds / before.p95_seconds : null };
  });
  return [
    section('fidelity', 'What was compared', 'Every query of either side is in one class.', sourceOf('comparison'),
      table(CLASSES.map(([title, column]) => ({ title, queries: row[column], share: row.queries ? row[column] / row.queries : null })).filter(one => one.queries),
        [{ name: 'title', title: 'Class', kind: 'word' }, { name: 'queries', title: 'Queries', kind: 'number' }, { name: 'share', title: 'Share', kind: 'number', show: percent }]),
      make('p', { class: 'quiet' }, `Queries met by replay tag: ${number(row.paired_by_tag_queries)}, by the hash of the engine: ${number(row.paired_by_hash_queries)}, by the statement: ${number(row.paired_by_text_queries)}. Results with another number of rows: ${number(row.other_result_queries)}.`)),
    section('durations', 'How long queries took', 'Over the compared pairs.', [...sourceOf('durations'), ...sourceOf('changes'), ...sourceOf('comparison'), ...sourceOf('running'), ...sourceOf('concurrency')], make('div', { class: 'charts' },
      lines('Seconds by percentile', quantiles, { logarithmic: true, unit: ' s', labelsX: PERCENTILES.map(([, text], i) => [i, `${text} %`]) }),
      bars('Queries by change of their time', places.map(step => step % 5 ? '' : `${step === -15 ? '≤' : step === 15 ? '≥' : ''}${number(Math.exp(step / 10), 2)}×`),
        [{ name: 'queries, by target over baseline', colour: colourOf(name), values: places.map(queriesAt), tips: places.map(step => `${number(Math.exp(step / 10), 2)}×`) }]),
      stacks('Seconds by phase: the baseline and ' + name, ['baseline', name], parts.map((phase, i) => ({ name: phase.replace('_', ' '), colour: PHASE_COLOURS[i], values: ['baseline', 'target'].map(side => row[`${side}_${phase}_seconds`] - (phase === 'execution' && row[`${side}_compiles_while_executing`] ? row[`${side}_compile_seconds`] : 0)) })), ' s'),
      lines('Most queries at a time, from the first query of each cluster', running, { labelsX: [[0, '0 %'], [60, '50 %'], [119, '100 %']] })),
      make('h3', {}, 'Queries at a time'),
      make('p', { class: 'quiet' }, 'Over every moment of the replay: each number counts by how long it lasted. The chart has the most within each 120th of the time.'),
      table(rowsOf('concurrency').filter(one => clusters.includes(one.cluster_identifier)), [{ name: 'cluster_identifier', title: 'Cluster', kind: 'word', show: value => make('span', {}, swatch(value), value) }, { name: 'mean_queries', title: 'Mean', kind: 'number' },
        { name: 'p50_queries', title: 'p50', kind: 'number' }, { name: 'p95_queries', title: 'p95', kind: 'number' }, { name: 'max_queries', title: 'Most', kind: 'number' }, { name: 'observed_seconds', title: 'Observed s', kind: 'number', show: seconds }])),
    section('thresholds', 'How many queries change by at least', `A pair counts where it also changes by more than ${number(SETTINGS.same_within_ms)} ms.`, sourceOf('thresholds'),
      table(of(rowsOf('thresholds'), name).map(one => ({ ...one, share: row.compared_queries ? one.slower_queries / row.compared_queries : null })), [
        { name: 'factor', title: 'At least', kind: 'number', show: value => `${number(value)}×` }, { name: 'faster_queries', title: 'Faster', kind: 'number' }, { name: 'slower_queries', title: 'Slower', kind: 'number' }, { name: 'share', title: 'Slower, share', kind: 'number', show: percent }])),
    section('statements', 'Statements', verdicts.length ? 'Those that contribute most seconds to the difference; texts are cut at 300 characters and whole in the model.' : 'agg_replay_verdicts is not built on this engine.', sourceOf('verdicts').length ? sourceOf('verdicts') : ['agg_replay_verdicts'],
      ofStatements.length ? intervals('Statements that change the seconds most: × baseline, with interval', ofStatements.slice(0, 10).map(one => effect(one, one.statement_text, name)), [[name, colourOf(name)]]) : null,
      table(of(verdicts, name).filter(one => !['all', 'total'].includes(one.statement_key)).map(one => ({ ...one, change: one.target_seconds - one.baseline_seconds })), [
        { name: 'statement_text', title: 'Statement', kind: 'text' }, { name: 'verdict', title: 'Verdict', kind: 'word', show: value => make('span', { class: value === 'faster' ? 'good' : value === 'slower' ? 'bad' : '' }, value) },
        { name: 'pairs', title: 'Pairs', kind: 'number' }, { name: 'ratio', title: '× baseline', kind: 'number' },
        { name: 'ratio_low', title: 'Interval', kind: 'number', show: (value, one) => value === null ? '–' : `${number(value)} to ${number(one.ratio_high)}` },
        { name: 'baseline_seconds', title: 'Baseline s', kind: 'number', show: seconds }, { name: 'target_seconds', title: 'Target s', kind: 'number', show: seconds }, { name: 'change', title: 'Change s', kind: 'number', show: seconds },
        { name: 'reason', title: 'Why', kind: 'text', show: value => value ?? '' }], null, { label: 'Search statements and verdicts', of: one => `${one.statement_text} ${one.verdict} ${one.reason ?? ''}`, most: 50 })),
    section('latencies', 'Latency of each user', 'Seconds of the compared pairs.', sourceOf('latencies'), table(byUser, [{ name: 'user_name', title: 'User', kind: 'word' }, { name: 'queries', title: 'Compared', kind: 'number' },
      ...['p50', 'p95', 'max'].flatMap(part => ['baseline', 'target'].map(side => ({ name: `${side}_${part}`, title: `${part === 'max' ? 'most' : part} s, ${side}`, kind: 'number', show: seconds }))), { name: 'ratio', title: 'p95 × baseline', kind: 'number' }])),
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
const buttons = names.map(name => make('button', { type: 'button', 'aria-pressed': 'false' }, swatch(name), name));
const choose = name => { chosen.replaceChildren(...detail(name)); buttons.forEach(button => button.setAttribute('aria-pressed', String(button.textContent === name))); };
buttons.forEach(button => button.addEventListener('click', () => choose(button.textContent)));
document.querySelector('main').append(
  section('verdicts', `Against ${baseline ? baseline.cluster_identifier : 'the baseline'}`, `${number(runs.length ? new Set(runs.map(row => row.cluster_identifier)).size : 0)} runs: the baseline, ${reruns.length ? `${number(reruns.length)} ${reruns.length === 1 ? 'rerun' : 'reruns'} of it, ` : ''}and the targets; ${number(Math.max(...comparisons.map(row => row.queries)))} queries. Intervals at ${share(1 - SETTINGS.alpha)}. Page made ${DATA.made}.`, ['agg_replay_comparison', ...sourceOf('verdicts'), ...sourceOf('price_performance')], ...disagreements, limits, make('div', { class: 'cards' }, comparisons.map(card)),
    effects.length ? intervals('Time against the baseline, with interval', effects, names.map(name => [name, colourOf(name)])) : null),
  section('cost', 'Cost', 'A replay keeps the pace of the recorded workload, so cost is compared for the same work in the same time.', sourceOf('price_performance'), table(prices, [
    { name: 'configuration_name', title: 'Configuration', kind: 'word', show: value => make('span', {}, swatch(value), value) }, { name: 'cost_amount', title: 'Cost', kind: 'number', show: (value, one) => value === null ? '–' : `${number(value, 4)} ${one.currency}` }, { name: 'cost_basis', title: 'Paid for', kind: 'word' },
    { name: 'cost_per_thousand_queries', title: 'per 1,000 queries', kind: 'number' }, { name: 'cost_ratio', title: 'cost × baseline', kind: 'number' }, { name: 'speedup', title: 'speed × baseline', kind: 'number' }, { name: 'price_performance', title: 'work per money', kind: 'number' },
    { name: 'scaling_class', title: 'Scaling', kind: 'word' }, { name: 'p50_seconds', title: 'p50 s', kind: 'number' }, { name: 'p95_seconds', title: 'p95 s', kind: 'number' }, { name: 'p99_seconds', title: 'p99 s', kind: 'number' }])),
  make('nav', { 'aria-label': 'Configuration' }, buttons), chosen,
  section('method', 'Method and limits', null, [...sourceOf('configurations'), ...(sourceOf('verdicts').length ? sourceOf('verdicts') : [])], list(METHOD), make('h3', {}, 'What it does not say'), list(LIMITS),
    make('h3', {}, 'Runs'), table(runs, [{ name: 'configuration_name', title: 'Configuration', kind: 'word', show: value => make('span', {}, swatch(value), value) }, { name: 'cluster_identifier', title: 'Cluster', kind: 'word' }, { name: 'role', title: 'Run as', kind: 'word' },
      { name: 'first_started_at', title: 'First query, UTC', kind: 'word' }, { name: 'last_ended_at', title: 'End of the last', kind: 'word' }]),
    make('h3', {}, 'Thresholds'), table(settings, [{ name: 'name', title: 'Threshold', kind: 'word' }, { name: 'value', title: 'Value', kind: 'word' }])));
choose(names.includes((prices.find(row => row.is_cheapest_within_target) || {}).configuration_name) ? prices.find(row => row.is_cheapest_within_target).configuration_name : names[0]);
{% endraw %}{%- endmacro %}
