extension Schema {
    static let commentCreated = object(
        "The comment and its task.",
        Members([
            "id": identifier("The identifier of the comment."),
            "body": string("The text of the comment."),
            "body_format": oneOf(["markdown"], "The format of the text."),
            "author": object(
                "The author of the comment.",
                Members([
                    "id": identifier("The identifier of the author."),
                    "type": oneOf(ActorType.self, "The kind of author."),
                    "name": string("The author's name."),
                ])),
            "parent_comment_id": identifier("The identifier of the comment that this one replies to.").orNull,
            "mentions": list(of: identifier("A user."), "The mentioned users."),
            "attachments": list(of: attachment, "The attached files."),
            "created_at": moment("The time at which the comment was written."),
            "edited_at": moment("The time of the last edit.").orNull,
            "url": link("The URL of its web page."),
            "task": taskReference,
        ]))

    private static let attachment = object(
        "A file.",
        Members([
            "id": identifier("The identifier of the file."),
            "name": string("The file's name."),
            "content_type": string("The file's media type."),
            "size_bytes": integer("The file's size in bytes."),
        ]))

    static let workflowTriggered = object(
        "The workflow, its run, and the related task.",
        Members([
            "id": identifier("The identifier of the workflow."),
            "name": string("The workflow's name."),
            "version": integer("The workflow's version.", minimum: 1),
            "url": link("The URL of its web page."),
            "run": run,
            "inputs": free("The run's inputs."),
            "actions": list(of: action, "The actions of the run, in order."),
            "task": taskReference.orNull,
        ]))

    private static let run = object(
        "The run that started.",
        Members([
            "id": identifier("The identifier of the run."),
            "status": oneOf(WorkflowTriggered.Status.self, "The current status."),
            "started_at": moment("The start time of the run."),
            "attempt": integer("The number of this start of the run, counted from 1.", minimum: 1),
            "depth": integer(
                "The number of runs that led to this one, including it; guards against loops.", minimum: 1),
            "trigger": object(
                "The trigger of the run.",
                Members([
                    "kind": oneOf(WorkflowTriggered.TriggerKind.self, "The kind of trigger."),
                    "event_id": identifier("The identifier of the event, if the trigger was one.").orNull,
                    "event_type": string("The type of that event.").orNull,
                    "rule": string("A description of the rule that matched.").orNull,
                ])),
        ]))

    private static let action = object(
        "One action.",
        Members([
            "id": identifier("The identifier of the action."),
            "type": string("The type of the action."),
            "position": integer("The position of the action, counted from 1.", minimum: 1),
            "status": oneOf(WorkflowTriggered.Status.self, "The current status."),
        ]))

    static let metadata = object(
        "The metadata of the event.",
        Members([
            "account_id": identifier("The account the event belongs to."),
            "triggered_by": identifier("The actor that caused the event; null for automations.").orNull,
            "schema_version": string("The version of this schema.").orNull,
            "ordering_key": string("The ordering key, shared by all events about the same task or workflow.").orNull,
            "sequence": integer("A number that increases with every event of an ordering key; gaps are normal.").orNull,
            "source": oneOf(
                ["web", "mobile", "api", "workflow", "integration", "system"], "The origin of the change."
            ).orNull,
            "request_id": string("The identifier of the request that caused the event.").orNull,
            "causation_id": identifier("The identifier of the event that caused this one.").orNull,
        ]))
}
