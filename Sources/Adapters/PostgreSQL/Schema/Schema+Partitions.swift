#if PostgreSQL
extension PostgresSchema {
    /// The daily partitions of the history.
    ///
    /// Deliveries and attempts are partitioned by the delivery's identifier, which begins with its time: so a key
    /// determines its partition. Rows without a partition go to a default partition.
    static let partitions = """
        -- Creates the partitions of the day that is some days after a moment; returns whether they are new.
        CREATE FUNCTION {schema}.make_partitions(p_now timestamptz, p_days bigint) RETURNS boolean
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
        DECLARE
            v_day timestamptz := date_trunc('day', COALESCE(p_now, clock_timestamp()) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                + make_interval(hours => 24 * p_days::integer);
            v_next timestamptz := v_day + make_interval(hours => 24);
            v_suffix text := to_char(v_day AT TIME ZONE 'UTC', 'YYYYMMDD');
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('{schema}.partitions', 0));
            IF to_regclass('{schema}.events_' || v_suffix) IS NOT NULL THEN RETURN false; END IF;
            -- Better to fail and retry the next day than to make publishers wait.
            PERFORM set_config('lock_timeout', '1000', true);
            -- Created separately and then attached, which does not lock the table itself.
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
            RETURN true;
        EXCEPTION WHEN check_violation OR lock_not_available THEN
            -- Rows of that day are in the default partition, or it is in use; the day's rows go there.
            RETURN false;
        END
        $$
        ---
        -- The day of the oldest partition that ends before a moment.
        CREATE FUNCTION {schema}.oldest_partition(p_before timestamptz) RETURNS text
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            SELECT min(substr(c.relname, 8)) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            WHERE i.inhparent = '{schema}.events'::regclass AND c.relname ~ '^events_[0-9]{8}$'
                AND (substr(c.relname, 8)::date + 1)::timestamp AT TIME ZONE 'UTC' <= p_before
        $$
        ---
        -- Removes the keys of a day's events in batches, before anything is locked: those after a given key, in order.
        -- Returns their number and the last key; NULL when there are no more.
        CREATE FUNCTION {schema}.forget_keys(p_suffix text, INOUT p_account text, INOUT p_id text, OUT forgotten bigint)
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            IF p_suffix !~ '^[0-9]{8}$' THEN
                RAISE EXCEPTION '% is not a day', p_suffix USING ERRCODE = 'invalid_parameter_value';
            END IF;
            EXECUTE format($forget$
                WITH page AS MATERIALIZED (
                    SELECT account, id, is_shared FROM {schema}.events_%s
                    WHERE (account, id) > ($1, $2) ORDER BY account, id LIMIT 10000
                ), gone AS (
                    DELETE FROM {schema}.event_keys AS k USING page AS e
                    WHERE k.account = e.account AND k.id = e.id AND NOT e.is_shared AND NOT EXISTS (
                        SELECT FROM {schema}.queue AS q WHERE q.account = e.account AND q.event = e.id)
                    RETURNING 1
                ), last AS (SELECT account, id FROM page ORDER BY account DESC, id DESC LIMIT 1)
                SELECT (SELECT account FROM last), (SELECT id FROM last), (SELECT count(*) FROM gone)
                $forget$, p_suffix) INTO p_account, p_id, forgotten USING p_account, p_id;
        END
        $$
        ---
        -- Drops the partitions of a day whose keys were removed. Events that are still open, or that have deliveries on
        -- other days, move to the default partitions.
        CREATE FUNCTION {schema}.drop_partition(p_suffix text) RETURNS void
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
        DECLARE
            v_day timestamptz;
        BEGIN
            IF p_suffix !~ '^[0-9]{8}$' THEN
                RAISE EXCEPTION '% is not a day', p_suffix USING ERRCODE = 'invalid_parameter_value';
            END IF;
            v_day := p_suffix::date::timestamp AT TIME ZONE 'UTC';
            PERFORM set_config('lock_timeout', '1000', true);
            PERFORM pg_advisory_xact_lock(hashtextextended('{schema}.partitions', 0));
            EXECUTE format('ALTER TABLE {schema}.events DETACH PARTITION {schema}.events_%s', p_suffix);
            EXECUTE format('ALTER TABLE {schema}.deliveries DETACH PARTITION {schema}.deliveries_%s', p_suffix);
            EXECUTE format('ALTER TABLE {schema}.attempts DETACH PARTITION {schema}.attempts_%s', p_suffix);
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
                )
                SELECT 1
                $copy$, p_suffix, v_day, v_day + make_interval(hours => 24));
            EXECUTE format('DROP TABLE {schema}.attempts_%1$s, {schema}.deliveries_%1$s, {schema}.events_%1$s', p_suffix);
        END
        $$
        """
}
#endif
