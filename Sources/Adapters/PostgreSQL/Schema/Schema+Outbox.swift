#if PostgreSQL
extension PostgresSchema {
    /// What any client in any language calls inside its own transaction: the event is committed with its work, or not at all.
    static let outbox = """
        -- Publishes an envelope that is bytes already; they are stored, signed and sent untouched.
        CREATE FUNCTION {schema}.publish_bytes(body bytea) RETURNS jsonb
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_text text;
            v_event jsonb;
            v_kept record;
        BEGIN
            IF octet_length(body) > 10000000 THEN
                RAISE EXCEPTION 'the event has % bytes; the limit is 10000000', octet_length(body)
                    USING ERRCODE = 'program_limit_exceeded', HINT = 'Send a link to large data instead.';
            END IF;
            BEGIN
                v_text := convert_from(body, 'UTF8');
                v_event := v_text::jsonb;
            EXCEPTION WHEN OTHERS THEN
                RAISE EXCEPTION 'the body is not JSON in UTF-8: %', SQLERRM USING ERRCODE = 'invalid_json_text';
            END;
            PERFORM {schema}.check_envelope(v_event);
            -- Of names that stand twice in an object the jsonb has one: more are written than it has.
            IF {schema}.count_names(v_text) > {schema}.count_names(v_event::text) THEN
                RAISE EXCEPTION 'a name stands twice in an object' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            SELECT * INTO v_kept FROM {schema}.keep_event(
                v_event #>> '{metadata,account_id}', v_event ->> 'id', v_event ->> 'type', body,
                v_event #>> '{metadata,ordering_key}', 100000, NULL, false, true);
            IF v_kept.outcome = 'conflict' THEN
                RAISE EXCEPTION 'another event has the id %', v_event ->> 'id'
                    USING ERRCODE = 'unique_violation', HINT = 'Repeat a publish with the same bytes, or take a new id.';
            END IF;
            RETURN jsonb_build_object('event', v_event ->> 'id', 'duplicate', v_kept.outcome = 'repeated')
                || (convert_from(v_kept.receipt, 'UTF8')::jsonb - 'version');
        END
        $$
        ---
        -- Publishes an event: an envelope, of which `id`, `timestamp` and some metadata may be left out.
        CREATE FUNCTION {schema}.publish(event jsonb) RETURNS jsonb
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
        DECLARE
            v_metadata jsonb := COALESCE(event -> 'metadata', '{}');
            v_type text := event ->> 'type';
            v_time timestamptz := COALESCE((event ->> 'timestamp')::timestamptz, clock_timestamp());
            v_key text;
        BEGIN
            IF jsonb_typeof(event) <> 'object' OR jsonb_typeof(v_metadata) <> 'object' THEN
                RAISE EXCEPTION 'the event and its metadata must be JSON objects' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF v_time < '0001-01-01Z' OR v_time >= '10000-01-01Z' THEN
                RAISE EXCEPTION 'timestamp must be between the years 1 and 9999' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            -- An event is in the order of its resource, as the library's own events are.
            v_key := CASE WHEN v_type IN (
                'task.created', 'task.updated', 'task.deleted', 'task.completed', 'task.assigned', 'comment.created',
                'workflow.triggered') THEN COALESCE(event #>> '{data,task,id}', event #>> '{data,id}') END;
            RETURN {schema}.publish_bytes(convert_to(concat(
                '{"id":', COALESCE(event -> 'id', to_jsonb({schema}.new_id('evt_', clock_timestamp()))),
                ',"type":', COALESCE(event -> 'type', 'null'),
                ',"timestamp":"', to_char(v_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                '","data":', COALESCE(event -> 'data', 'null'),
                ',"metadata":{"account_id":', COALESCE(v_metadata -> 'account_id', 'null'),
                ',' || nullif(concat_ws(',',
                    '"triggered_by":' || (v_metadata -> 'triggered_by')::text,
                    '"schema_version":' || COALESCE((v_metadata -> 'schema_version')::text, '"1"'),
                    '"ordering_key":' || COALESCE((v_metadata -> 'ordering_key')::text, to_jsonb(v_key)::text),
                    '"sequence":' || (v_metadata -> 'sequence')::text, '"source":' || (v_metadata -> 'source')::text,
                    '"request_id":' || (v_metadata -> 'request_id')::text,
                    '"causation_id":' || (v_metadata -> 'causation_id')::text), ''),
                '}}'), 'UTF8'));
        END
        $$
        ---
        -- Counts the names of members. Strings are read one after the other, since their text may look like a name.
        CREATE FUNCTION {schema}.count_names(json text) RETURNS bigint
        LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
            SELECT count(*) FROM regexp_matches(json, '"(?:[^"\\\\]|\\\\.)*"\\s*:?', 'g') AS string WHERE string[1] LIKE '%:'
        $$
        ---
        -- Refuses what no receiver could read.
        CREATE FUNCTION {schema}.check_envelope(event jsonb) RETURNS void
        LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
        DECLARE
            v_fault text := CASE
                WHEN jsonb_typeof(event) <> 'object' THEN 'the event must be a JSON object'
                WHEN (jsonb_typeof(event -> 'id') = 'string' AND event ->> 'id' ~ '^[A-Za-z0-9_:~@+=-]{1,64}$') IS NOT TRUE
                    THEN 'id must be 1 to 64 ASCII letters, digits and - _ : ~ @ + ='
                WHEN (jsonb_typeof(event -> 'type') = 'string' AND length(event ->> 'type') <= 64
                    AND event ->> 'type' ~ '^[a-z0-9_]+([.][a-z0-9_]+)*$') IS NOT TRUE
                    THEN 'type must be a name such as task.created'
                WHEN (event ->> 'timestamp' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$') IS NOT TRUE
                    THEN 'timestamp must be a moment as in RFC 3339'
                WHEN (jsonb_typeof(event -> 'data') = 'object') IS NOT TRUE THEN 'data must be a JSON object'
                WHEN (jsonb_typeof(event #> '{metadata,account_id}') = 'string'
                    AND event #>> '{metadata,account_id}' ~ '^[A-Za-z0-9_:~@+=-]{1,64}$') IS NOT TRUE
                    THEN 'metadata.account_id must be 1 to 64 ASCII letters, digits and - _ : ~ @ + ='
                WHEN (COALESCE(jsonb_typeof(event #> '{metadata,ordering_key}'), 'string') IN ('string', 'null')) IS NOT TRUE
                    THEN 'metadata.ordering_key must be text'
                WHEN octet_length(event #>> '{metadata,ordering_key}') > 256
                    THEN 'metadata.ordering_key must be at most 256 bytes long'
                WHEN EXISTS (
                    SELECT FROM jsonb_each(event -> 'metadata') AS m WHERE jsonb_typeof(m.value) NOT IN ('string', 'null')
                        AND m.key IN ('triggered_by', 'schema_version', 'source', 'request_id', 'causation_id'))
                    THEN 'metadata must be text, but for sequence'
                WHEN (CASE COALESCE(jsonb_typeof(event #> '{metadata,sequence}'), 'null')
                    WHEN 'null' THEN true
                    -- However it is written: 5, 5.0 and 0.5e1 are the same.
                    WHEN 'number' THEN (event #>> '{metadata,sequence}')::numeric % 1 = 0
                        AND (event #>> '{metadata,sequence}')::numeric BETWEEN 0 AND 9223372036854775807
                    ELSE false END) IS NOT TRUE
                    THEN 'metadata.sequence must be a whole number from 0 on'
                WHEN jsonb_path_exists(event, 'strict $.** ? (@.type() == "number" && (
                        @ > 1.7976931348623157e308 || @ < -1.7976931348623157e308))')
                    THEN 'a number is beyond the range of a double'
                WHEN jsonb_path_exists(event, 'strict $.**{64 to last} ? (@.type() == "object" || @.type() == "array")')
                    THEN 'the event is nested deeper than 64 levels'
            END;
        BEGIN
            IF v_fault IS NULL THEN
                BEGIN
                    -- A leap second can only be the last of a month in UTC, which is the time zone here.
                    IF event ->> 'timestamp' ~ ':60([.][0-9]+)?(Z|[+-])' AND date_trunc('second', (event ->> 'timestamp')::timestamptz)
                        <> date_trunc('month', (event ->> 'timestamp')::timestamptz)
                    THEN
                        v_fault := 'timestamp must be a moment that exists';
                    END IF;
                    PERFORM (event ->> 'timestamp')::timestamptz;
                EXCEPTION WHEN OTHERS THEN
                    v_fault := 'timestamp must be a moment that exists';
                END;
            END IF;
            IF v_fault IS NOT NULL THEN
                RAISE EXCEPTION '%', v_fault USING ERRCODE = 'invalid_parameter_value';
            END IF;
        END
        $$
        ---
        -- Callers need a grant: see the roles in Docs/PostgreSQL.md.
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC
        """
}
#endif
