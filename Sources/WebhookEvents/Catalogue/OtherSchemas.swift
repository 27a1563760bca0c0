extension Schema {
    static let commentCreated = object(
        "The comment and the task it stands under.",
        Members([
            "id": identifier("Names the comment."),
            "body": string("The text."),
            "body_format": oneOf(["markdown"], "How the text is written."),
            "author": object(
                "Who wrote it.",
                Members([
                    "id": identifier("Names the author."),
                    "type": oneOf(ActorType.self, "What kind of author it is."),
                    "name": string("The author's name."),
                ])),
            "parent_comment_id": identifier("The comment it answers.").orNull,
            "mentions": list(of: identifier("A user."), "Who is mentioned."),
            "attachments": list(of: attachment, "The files attached."),
            "created_at": moment("When it was written."),
            "edited_at": moment("When it was last edited.").orNull,
            "url": link("Where a person can look at it."),
            "task": taskReference,
        ]))

    private static let attachment = object(
        "A file.",
        Members([
            "id": identifier("Names the file."),
            "name": string("The file's name."),
            "content_type": string("The file's media type."),
            "size_bytes": integer("The file's size in bytes."),
        ]))

    static let workflowTriggered = object(
        "The workflow, its run, and the task it is about.",
        Members([
            "id": identifier("Names the workflow."),
            "name": string("The workflow's name."),
            "version": integer("The workflow's version.", minimum: 1),
            "url": link("Where a person can look at it."),
            "run": run,
            "inputs": free("The run's inputs."),
            "actions": list(of: action, "What the run will do, in order."),
            "task": taskReference.orNull,
        ]))

    private static let run = object(
        "The run that started.",
        Members([
            "id": identifier("Names the run."),
            "status": oneOf(WorkflowStatus.self, "How far it is."),
            "started_at": moment("When it started."),
            "attempt": integer("Counts the starts of this run from 1.", minimum: 1),
            "depth": integer("How many runs led to this one, itself included; guards against loops.", minimum: 1),
            "trigger": object(
                "What started it.",
                Members([
                    "kind": oneOf(WorkflowTriggerKind.self, "What kind of thing it was."),
                    "event_id": identifier("The event, when it was one.").orNull,
                    "event_type": string("The type of that event.").orNull,
                    "rule": string("The rule that matched, in words.").orNull,
                ])),
        ]))

    private static let action = object(
        "One step.",
        Members([
            "id": identifier("Names the step."),
            "type": string("What it does."),
            "position": integer("Its place in the order.", minimum: 1),
            "status": oneOf(WorkflowStatus.self, "How far it is."),
        ]))

    static let metadata = object(
        "What is to be said beside the data.",
        Members([
            "account_id": identifier("The account the event belongs to."),
            "triggered_by": identifier("Who caused it; null for automations.").orNull,
            "schema_version": string("The version of this schema.").orNull,
            "ordering_key": string("What later events about the same thing share.").orNull,
            "sequence": integer("Rises with every event of one ordering key; gaps are normal.").orNull,
            "source": oneOf(
                ["web", "mobile", "api", "workflow", "integration", "system"], "Where the change was made."
            ).orNull,
            "request_id": string("The request that caused it.").orNull,
            "causation_id": identifier("The event that caused it.").orNull,
        ]))
}
