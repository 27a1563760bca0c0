#if PostgreSQL
extension PostgresSchema {
    /// History in partitions of a day.
    ///
    /// Deliveries and attempts are partitioned by the delivery's identifier, which begins
    /// with its time: so a key finds its one partition. Whatever has no partition of its own stands in a default one.
    static let partitions = """
        -- Makes the partitions of a day and of those after it; says how many days are new.
        CREATE FUNCTION {schema}.make_partitions(p_now timestamptz, p_days bigint) RETURNS bigint
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_day timestamptz;
            v_next timestamptz;
            v_suffix text;
            v_made bigint := 0;
        BEGIN
            p_now := COALESCE(p_now, clock_timestamp());
            PERFORM pg_advisory_xact_lock(hashtextextended('{schema}.partitions', 0));
            FOR i IN 0 .. p_days LOOP
                v_day := date_trunc('day', p_now AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + make_interval(hours => 24 * i::integer);
                v_next := v_day + make_interval(hours => 24);
                v_suffix := to_char(v_day AT TIME ZONE 'UTC', 'YYYYMMDD');
                CONTINUE WHEN to_regclass('{schema}.events_' || v_suffix) IS NOT NULL;
                BEGIN
                    -- Made apart and then attached: that waits for no transaction that publishes.
                    EXECUTE format('CREATE TABLE {schema}.events_%s (LIKE {schema}.events INCLUDING ALL)', v_suffix);
                    EXECUTE format('CREATE TABLE {schema}.deliveries_%s (LIKE {schema}.deliveries INCLUDING ALL)', v_suffix);
                    EXECUTE format('CREATE TABLE {schema}.attempts_%s (LIKE {schema}.attempts INCLUDING ALL)', v_suffix);
                    EXECUTE format(
                        'ALTER TABLE {schema}.events ATTACH PARTITION {schema}.events_%s FOR VALUES FROM (%L) TO (%L)',
                        v_suffix, v_day, v_next);
                    EXECUTE format(
                        'ALTER TABLE {schema}.deliveries ATTACH PARTITION {schema}.deliveries_%s FOR VALUES FROM (%L) TO (%L)',
                        v_suffix, 'del_' || {schema}.time_characters(v_day), 'del_' || {schema}.time_characters(v_next));
                    EXECUTE format(
                        'ALTER TABLE {schema}.attempts ATTACH PARTITION {schema}.attempts_%s FOR VALUES FROM (%L) TO (%L)',
                        v_suffix, 'del_' || {schema}.time_characters(v_day), 'del_' || {schema}.time_characters(v_next));
                    v_made := v_made + 1;
                EXCEPTION WHEN check_violation THEN
                    -- Rows of that day stand in the default partition; the rest of them may as well.
                    NULL;
                END;
            END LOOP;
            RETURN v_made;
        END
        $$
        ---
        -- Drops the oldest partition that ends before a moment; says how many events went with it, or NULL when there is none.
        -- Events that are still on their way, or have deliveries of other days, are moved to the default partitions.
        CREATE FUNCTION {schema}.drop_partition(p_before timestamptz) RETURNS bigint
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_suffix text;
            v_day timestamptz;
            v_count bigint;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('{schema}.partitions', 0));
            SELECT min(substr(c.relname, 8)) INTO v_suffix
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = '{schema}.events'::regclass AND c.relname ~ '^events_[0-9]{8}$'
                AND (substr(c.relname, 8)::date + 1)::timestamp AT TIME ZONE 'UTC' <= p_before;
            IF v_suffix IS NULL THEN RETURN NULL; END IF;
            v_day := v_suffix::date::timestamp AT TIME ZONE 'UTC';
            EXECUTE format('ALTER TABLE {schema}.events DETACH PARTITION {schema}.events_%s', v_suffix);
            EXECUTE format('ALTER TABLE {schema}.deliveries DETACH PARTITION {schema}.deliveries_%s', v_suffix);
            EXECUTE format('ALTER TABLE {schema}.attempts DETACH PARTITION {schema}.attempts_%s', v_suffix);
            EXECUTE format($copy$
                WITH kept AS (
                    INSERT INTO {schema}.events SELECT * FROM {schema}.events_%1$s AS e
                    WHERE e.is_shared OR EXISTS (
                        SELECT FROM {schema}.queue AS q WHERE q.account = e.account AND q.event = e.id)
                    RETURNING account, id
                ), deliveries AS (
                    INSERT INTO {schema}.deliveries SELECT * FROM {schema}.deliveries_%1$s AS d
                    WHERE d.event_at < %2$L OR d.event_at >= %3$L OR (d.account, d.event) IN (SELECT account, id FROM kept)
                    RETURNING account, id
                ), attempts AS (
                    INSERT INTO {schema}.attempts SELECT a.* FROM {schema}.attempts_%1$s AS a
                    WHERE (a.account, a.delivery) IN (SELECT account, id FROM deliveries)
                        OR EXISTS (SELECT FROM {schema}.queue AS q WHERE q.account = a.account AND q.id = a.delivery)
                    RETURNING 1
                ), keys AS (
                    DELETE FROM {schema}.event_keys AS k USING {schema}.events_%1$s AS e
                    WHERE k.account = e.account AND k.id = e.id AND (e.account, e.id) NOT IN (SELECT account, id FROM kept)
                    RETURNING 1
                )
                SELECT count(*) FROM keys
                $copy$, v_suffix, v_day, v_day + make_interval(hours => 24)) INTO v_count;
            EXECUTE format('DROP TABLE {schema}.attempts_%1$s, {schema}.deliveries_%1$s, {schema}.events_%1$s', v_suffix);
            RETURN v_count;
        END
        $$
        """
}
#endif
