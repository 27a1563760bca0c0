#if PostgreSQL
extension PostgresSchema {
    /// The validation of envelopes in SQL, which rejects exactly what `Envelope.decode` rejects.
    ///
    /// Tests compare both with `Tests/Fixtures/event-bodies.jsonl`; `Tests/Fuzz/run.sh sql` compares them with each
    /// other.
    static let envelope = """
        -- Reads an envelope; raises an error for one that receivers would reject.
        CREATE FUNCTION {schema}.read_envelope(body bytea) RETURNS jsonb
        LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_text text;
            v_has_nul boolean;
            v_event jsonb;
            v_fault text;
        BEGIN
            IF octet_length(body) > 10000000 THEN
                RAISE EXCEPTION 'the event has % bytes; the limit is 10000000', octet_length(body)
                    USING ERRCODE = 'program_limit_exceeded', HINT = 'Send a link to large data instead.';
            END IF;
            BEGIN
                v_text := convert_from(body, 'UTF8');
                -- A jsonb cannot contain NUL, but JSON can. U+FFFF and 1 replace NUL here, and U+FFFF and 0 replace
                -- U+FFFF itself.
                v_has_nul := strpos(v_text, '\\u0000') > 0;
                IF v_has_nul THEN
                    v_text := replace(v_text, '\\\\', '\\u005c');
                    v_text := replace(regexp_replace(v_text, '\\\\u[fF]{4}', U&'\\FFFF', 'g'), U&'\\FFFF', U&'\\FFFF0');
                    v_text := replace(v_text, '\\u0000', U&'\\FFFF1');
                END IF;
                v_event := v_text::jsonb;
            EXCEPTION WHEN OTHERS THEN
                RAISE EXCEPTION 'the body is not valid JSON in UTF-8: %', SQLERRM USING ERRCODE = 'invalid_json_text';
            END;
            v_fault := CASE
                WHEN jsonb_typeof(event) <> 'object' THEN 'the event must be a JSON object'
                WHEN (jsonb_typeof(event -> 'id') = 'string' AND event ->> 'id' ~ '^[A-Za-z0-9_:~@+=-]{1,64}$') IS NOT TRUE
                    THEN 'id must be 1 to 64 ASCII letters, digits and - _ : ~ @ + ='
                WHEN (jsonb_typeof(event -> 'type') = 'string' AND length(event ->> 'type') <= 64
                    AND event ->> 'type' ~ '^[a-z0-9_]+([.][a-z0-9_]+)*$') IS NOT TRUE
                    THEN 'type must be an event type such as task.created'
                WHEN jsonb_typeof(event -> 'timestamp') <> 'string' OR {schema}.moment(event ->> 'timestamp') IS NULL
                    THEN 'timestamp must be an existing time in RFC 3339 format'
                WHEN (jsonb_typeof(event -> 'data') = 'object') IS NOT TRUE THEN 'data must be a JSON object'
                WHEN (jsonb_typeof(event #> '{metadata,account_id}') = 'string'
                    AND event #>> '{metadata,account_id}' ~ '^[A-Za-z0-9_:~@+=-]{1,64}$') IS NOT TRUE
                    THEN 'metadata.account_id must be 1 to 64 ASCII letters, digits and - _ : ~ @ + ='
                WHEN octet_length(CASE WHEN v_has_nul THEN replace(event #>> '{metadata,ordering_key}', U&'\\FFFF0', U&'\\FFFF')
                        ELSE event #>> '{metadata,ordering_key}' END) > 256
                    OR v_has_nul AND strpos(event #>> '{metadata,ordering_key}', U&'\\FFFF1') > 0
                    THEN 'metadata.ordering_key must have at most 256 bytes and no NUL'
                WHEN jsonb_path_exists(event, 'strict $.** ? (@.type() == "number" && (
                        @ >= \(firstInfinite) || @ <= -\(firstInfinite)))')
                    THEN 'a number exceeds the range of a double'
                WHEN jsonb_path_exists(event, 'strict $.**{64 to last} ? (@.type() == "object" || @.type() == "array")')
                    THEN 'the event is nested more than 64 levels deep'
                -- The jsonb keeps one of several equal names in an object: the text then has more names than the jsonb.
                WHEN {schema}.count_names(v_text) > {schema}.count_names(event::text) THEN 'an object contains a name twice'
                ELSE COALESCE(
                    {schema}.shape_fault('\(Shapes.metadata)', event -> 'metadata', 'metadata'),
                    {schema}.shape_fault({schema}.data_shape(event ->> 'type'), event -> 'data', 'data'))
            END FROM (SELECT v_event AS event) AS read;
            IF v_fault IS NOT NULL THEN
                RAISE EXCEPTION '%', v_fault USING ERRCODE = 'invalid_parameter_value';
            END IF;
            RETURN v_event;
        END
        $$
        ---
        -- Parses an RFC 3339 time, to the whole second; NULL when invalid. A leap second can only be the last of a
        -- month in UTC.
        CREATE FUNCTION {schema}.moment(p_text text) RETURNS timestamptz
        LANGUAGE plpgsql IMMUTABLE STRICT AS $$
        DECLARE
            part text[] := regexp_match(p_text, '^([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)([.][0-9]+)?([Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$');
            -- The year before 1 is -1 in make_date.
            v_first date := make_date(CASE WHEN part[1] = '0000' THEN -1 ELSE part[1]::integer END, part[2]::integer, 1);
            v_at timestamp := v_first + make_interval(
                days => part[3]::integer - 1, hours => part[4]::integer, mins => part[5]::integer, secs => part[6]::integer);
            v_offset interval := make_interval(hours => part[10]::integer, mins => part[11]::integer);
        BEGIN
            IF part[3]::integer NOT BETWEEN 1 AND extract(day FROM v_first + interval '1 month - 1 day') THEN RETURN NULL; END IF;
            v_at := v_at - CASE part[9] WHEN '+' THEN v_offset WHEN '-' THEN -v_offset ELSE interval '0' END;
            IF part[6] = '60' AND v_at <> date_trunc('month', v_at) THEN RETURN NULL; END IF;
            RETURN v_at AT TIME ZONE 'UTC';
        END
        $$
        ---
        -- Counts the names of members. Strings are scanned in order, since their text may look like a name.
        CREATE FUNCTION {schema}.count_names(json text) RETURNS bigint
        LANGUAGE sql IMMUTABLE AS $$
            SELECT count(*) FROM regexp_matches(json, '"(?:[^"\\\\]|\\\\.)*"\\s*:?', 'g') AS string WHERE string[1] LIKE '%:'
        $$
        """

    /// The smallest number that rounds to infinity: 2¹⁰²⁴ − 2⁹⁷⁰, half a step above the largest double (IEEE 754,
    /// section 4.3.1).
    private static let firstInfinite = """
        17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758720709633028641\
        66928879109465555478519404026306574886715058206819089020007083836762738548458177115317644757302700698555713669\
        59622842914819860834936475292719074168444365510704342711559699508093042880177904174497792
        """
}
#endif
