#if PostgreSQL
extension PostgresSchema {
    /// The requirements of `Envelope.decode` on the members of an event.
    ///
    /// A shape names members and what each must be when it is present and not null; `!` after a name makes it required.
    /// Other members may have any value, so that members can be added later.
    enum Shapes {
        static let metadata = """
            {"triggered_by": "text", "schema_version": "text", "ordering_key": "text", "sequence": "whole", "source": "text",
             "request_id": "text", "causation_id": "text"}
            """

        private static let task = """
            "id!": "text", "title!": "text", "description": "text", "status!": "text", "priority!": "text",
            "project": {"id!": "text", "name!": "text"}, "parent_task_id": "text", "labels": ["text"], "assignee_id": "text",
            "created_by": "text", "due_at": "moment", "estimate_minutes": "whole", "completed_at": "moment", "completed_by": "text",
            "created_at": "moment", "updated_at": "moment", "version": "positive", "url": "text", "custom_fields": {}
            """

        private static let reference = """
            {"id!": "text", "title!": "text", "status!": "text", "priority!": "text", "assignee_id": "text", "url": "text"}
            """

        private static let assignee = """
            {"id!": "text", "type!": "text", "name!": "text", "email": "text", "avatar_url": "text", "timezone": "text"}
            """

        /// The data of the documented types.
        static let data: KeyValuePairs<String, String> = [
            "task.created": "{\(task)}",
            "task.updated": #"{\#(task), "changes": {"*": {}}}"#,
            "task.completed": """
            {\(task), "previous_status": "text", "completed_on_time": "boolean", "cycle_time_seconds": "whole"}
            """,
            "task.assigned": """
            {\(task), "assignee": \(assignee), "previous_assignee": \(assignee), "assigned_by": "text", "assigned_at!": "moment",
             "reason!": "text", "assignment_history_total": "whole", "assignment_history": [{"assignee_id!": "text",
             "assignee_name": "text", "assigned_by": "text", "assigned_at!": "moment", "unassigned_at": "moment", "reason!": "text"}]}
            """,
            "task.deleted": """
            {"id!": "text", "title": "text", "deleted_at!": "moment", "deleted_by": "text", "last_known": {\(task)},
             "deletion!": {"mode!": "text", "reason!": "text", "merged_into_task_id": "text", "restorable_until": "moment",
             "parent_deleted": "boolean",
             "cascade": {"subtask_ids": ["text"], "comment_count": "whole", "attachment_count": "whole"}}}
            """,
            "comment.created": """
            {"id!": "text", "body!": "text", "body_format": "text", "author!": {"id!": "text", "type!": "text", "name!": "text"},
             "parent_comment_id": "text", "mentions": ["text"], "created_at!": "moment", "edited_at": "moment", "url": "text",
             "attachments": [{"id!": "text", "name!": "text", "content_type!": "text", "size_bytes!": "whole"}],
             "task!": \(reference)}
            """,
            "workflow.triggered": """
            {"id!": "text", "name!": "text", "version": "positive", "url": "text", "inputs": {}, "task": \(reference),
             "run!": {"id!": "text", "status!": "text", "started_at!": "moment", "attempt": "positive", "depth": "positive",
             "trigger!": {"kind!": "text", "event_id": "text", "event_type": "text", "rule": "text"}},
             "actions": [{"id!": "text", "type!": "text", "position!": "positive", "status!": "text"}]}
            """,
        ]
    }

    static let shapes = """
        -- These functions set no search path, because only functions that set one call them.
        -- The shape of a type's data; the data of types without a Swift type may be any object.
        CREATE FUNCTION {schema}.data_shape(p_type text) RETURNS jsonb
        LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE p_type
            \(Shapes.data.map { "WHEN '\($0.key)' THEN '\($0.value)'::jsonb" }.joined(separator: "\n    "))
            ELSE '{}' END
        $$
        ---
        -- The first fault of a value against a shape, or NULL.
        CREATE FUNCTION {schema}.shape_fault(p_shape jsonb, p_value jsonb, p_path text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE
            v_name text;
            v_rule jsonb;
            v_member jsonb;
            v_element jsonb;
            v_fault text;
        BEGIN
            IF jsonb_typeof(p_value) <> 'object' THEN RETURN p_path || ' must be an object'; END IF;
            IF p_shape ? '*' THEN
                FOR v_name, v_member IN SELECT * FROM jsonb_each(p_value) LOOP
                    v_fault := {schema}.shape_fault(p_shape -> '*', v_member, p_path || '.' || v_name);
                    IF v_fault IS NOT NULL THEN RETURN v_fault; END IF;
                END LOOP;
                RETURN NULL;
            END IF;
            FOR v_name, v_rule IN SELECT * FROM jsonb_each(p_shape) LOOP
                v_member := p_value -> rtrim(v_name, '!');
                IF v_member IS NULL OR jsonb_typeof(v_member) = 'null' THEN
                    CONTINUE WHEN right(v_name, 1) <> '!';
                    RETURN p_path || '.' || rtrim(v_name, '!') || ' is missing';
                END IF;
                IF jsonb_typeof(v_rule) = 'array' THEN
                    IF jsonb_typeof(v_member) <> 'array' THEN RETURN p_path || '.' || rtrim(v_name, '!') || ' must be an array'; END IF;
                    FOR v_element IN SELECT * FROM jsonb_array_elements(v_member) LOOP
                        v_fault := {schema}.value_fault(v_rule -> 0, v_element, p_path || '.' || rtrim(v_name, '!') || '[]');
                        IF v_fault IS NOT NULL THEN RETURN v_fault; END IF;
                    END LOOP;
                ELSE
                    v_fault := {schema}.value_fault(v_rule, v_member, p_path || '.' || rtrim(v_name, '!'));
                    IF v_fault IS NOT NULL THEN RETURN v_fault; END IF;
                END IF;
            END LOOP;
            RETURN NULL;
        END
        $$
        ---
        -- The fault of one value that is present and not null.
        CREATE FUNCTION {schema}.value_fault(p_rule jsonb, p_value jsonb, p_path text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE AS $$
        DECLARE
            v_kind text := jsonb_typeof(p_value);
            v_least integer := CASE p_rule #>> '{}' WHEN 'positive' THEN 1 ELSE 0 END;
        BEGIN
            IF jsonb_typeof(p_rule) = 'object' THEN RETURN {schema}.shape_fault(p_rule, p_value, p_path); END IF;
            RETURN CASE p_rule #>> '{}'
                WHEN 'text' THEN CASE WHEN v_kind <> 'string' THEN p_path || ' must be a string' END
                WHEN 'boolean' THEN CASE WHEN v_kind <> 'boolean' THEN p_path || ' must be a Boolean' END
                WHEN 'moment' THEN CASE WHEN v_kind <> 'string' OR {schema}.moment(p_value #>> '{}') IS NULL
                    THEN p_path || ' must be an existing time in RFC 3339 format' END
                -- In any notation: 5, 5.0 and 0.5e1 are equal.
                ELSE CASE WHEN v_kind <> 'number' OR (p_value #>> '{}')::numeric % 1 <> 0
                    OR (p_value #>> '{}')::numeric NOT BETWEEN v_least AND 9223372036854775807
                    THEN p_path || ' must be an integer of at least ' || v_least END
            END;
        END
        $$
        """
}
#endif
