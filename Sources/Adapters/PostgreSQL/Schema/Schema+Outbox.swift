#if PostgreSQL
extension PostgresSchema {
    /// The functions that any client in any language calls inside its own transaction: the event commits with its work
    /// or not at all.
    static let outbox = """
        -- The stored form of W3C Trace Context; NULL if `traceparent` is not valid. An invalid `tracestate` is left out.
        CREATE FUNCTION {schema}.trace_context(traceparent text, tracestate text) RETURNS text
        LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
            SELECT CASE WHEN traceparent ~ '\\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\\Z'
                AND traceparent !~ '^(ff|..-0{32}|.{35}-0{16})-' THEN
                concat_ws(' ', traceparent,
                    CASE WHEN length(tracestate) BETWEEN 1 AND 512 AND tracestate ~ '\\A[ -~]*\\Z' THEN tracestate END)
            END
        $$
        ---
        -- Publishes an envelope given as bytes, which are stored, signed and sent unchanged.
        CREATE FUNCTION {schema}.publish_bytes(body bytea, traceparent text DEFAULT NULL, tracestate text DEFAULT NULL)
        RETURNS jsonb
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_event jsonb := {schema}.read_envelope(body);
            v_kept record;
        BEGIN
            SELECT * INTO v_kept FROM {schema}.keep_event(
                v_event #>> '{metadata,account_id}', v_event ->> 'id', v_event ->> 'type', body,
                v_event #>> '{metadata,ordering_key}', 100000, NULL, false, true,
                {schema}.trace_context(traceparent, tracestate));
            IF v_kept.outcome = 'conflict' THEN
                RAISE EXCEPTION 'another event has the id %', v_event ->> 'id'
                    USING ERRCODE = 'unique_violation', HINT = 'Repeat the publish with the same bytes, or use a new id.';
            END IF;
            RETURN jsonb_build_object('event', v_event ->> 'id', 'duplicate', v_kept.outcome = 'repeated')
                || (convert_from(v_kept.receipt, 'UTF8')::jsonb - 'version');
        END
        $$
        ---
        -- Publishes an event: an envelope without `id`, `timestamp` and some metadata, which are optional.
        CREATE FUNCTION {schema}.publish(event jsonb) RETURNS jsonb
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_metadata jsonb := COALESCE(event -> 'metadata', '{}');
            v_type text := event ->> 'type';
            v_time timestamptz := CASE WHEN event ->> 'timestamp' IS NULL THEN clock_timestamp()
                ELSE {schema}.moment(event ->> 'timestamp') END;
            v_key text;
        BEGIN
            IF jsonb_typeof(event) <> 'object' OR jsonb_typeof(v_metadata) <> 'object' THEN
                RAISE EXCEPTION 'the event and its metadata must be JSON objects' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF v_time IS NULL THEN
                RAISE EXCEPTION 'timestamp must be a time in RFC 3339 format' USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Include the offset: 2024-02-10T16:45:22Z, or to_jsonb(now()).';
            END IF;
            IF v_time < '0001-01-01Z' OR v_time >= '10000-01-01Z' THEN
                RAISE EXCEPTION 'timestamp must be between the years 1 and 9999' USING ERRCODE = 'invalid_parameter_value';
            END IF;
            -- An event has the ordering key of its resource, like the library's own events.
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
                '}}'), 'UTF8'), event ->> 'traceparent', event ->> 'tracestate');
        END
        $$
        ---
        -- Callers need a grant: see the roles in Docs/PostgreSQL.md.
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC
        """
}
#endif
