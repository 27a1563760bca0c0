// The members stand in the order in which they are sent. A test holds them against what the encoder writes.

extension Schema {
    static let project = object(
        "The project it belongs to.",
        Members(["id": identifier("Names the project."), "name": string("The project's name.")]))

    static let taskMembers = Members([
        "id": identifier("Names the task."),
        "title": string("The task's title."),
        "description": string("The task's text in Markdown.").orNull,
        "status": oneOf(TaskStatus.self, "Where the task stands."),
        "priority": oneOf(TaskPriority.self, "How urgent the task is."),
        "project": project.orNull,
        "parent_task_id": identifier("The task it is a part of.").orNull,
        "labels": list(of: string("One label."), "Its labels, in the order the user chose."),
        "assignee_id": identifier("Who works on it.").orNull,
        "created_by": identifier("Who created it; null for automations and erased users.").orNull,
        "due_at": moment("When it should be done.").orNull,
        "estimate_minutes": integer("The estimated effort in minutes.").orNull,
        "completed_at": moment("When it was marked complete.").orNull,
        "completed_by": identifier("Who marked it complete.").orNull,
        "created_at": moment("When it was created."),
        "updated_at": moment("When it last changed."),
        "version": integer("Rises with every change of the task.", minimum: 1),
        "url": link("Where a person can look at it."),
        "custom_fields": free("The account's own fields."),
    ])

    static let task = object("A task.", taskMembers)

    static let taskReference = object(
        "The task, in short.",
        Members([
            "id": identifier("Names the task."),
            "title": string("The task's title."),
            "status": oneOf(TaskStatus.self, "Where the task stands."),
            "priority": oneOf(TaskPriority.self, "How urgent the task is."),
            "assignee_id": identifier("Who works on it.").orNull,
            "url": link("Where a person can look at it."),
        ]))

    static let assignee = object(
        "Somebody who can have a task.",
        Members([
            "id": identifier("Names the assignee."),
            "type": oneOf(ActorType.self, "What kind of assignee it is."),
            "name": string("The assignee's name."),
            "email": string("The assignee's address for e-mail.").orNull,
            "avatar_url": link("The assignee's picture.").orNull,
            "timezone": string("The assignee's time zone, as the IANA database names it.").orNull,
        ]))

    static let taskUpdated = object(
        "The task after the change, and what changed.", taskMembers,
        Members([
            "changed_fields": list(of: string("A field."), "The names of the fields that changed, sorted."),
            "changes": changes,
        ]))

    private static let changes = Schema([
        "type": "object", "description": "What changed, by field; a custom field is `custom_fields.NAME`.",
        "additionalProperties": .object(
            object(
                "One field before and after.",
                Members([
                    "from": any("The value before. A text over 64 KiB is described by its size."),
                    "to": any("The value after. A text over 64 KiB is described by its size."),
                    "added": list(of: any("An element."), "What a list gained.").optional,
                    "removed": list(of: any("An element."), "What a list lost.").optional,
                ])
            ).json),
    ])

    static let taskAssigned = object(
        "The task, its assignee, and who had it before.", taskMembers,
        Members([
            "assignee": assignee.orNull,
            "previous_assignee": assignee.orNull,
            "assigned_by": identifier("Who made the change; null for automations.").orNull,
            "assigned_at": moment("When the change was made."),
            "reason": oneOf(AssignmentReason.self, "Why it changed."),
            "assignment_history": list(
                of: assignment, "The latest assignments, newest first, at most \(TaskAssigned.maximumHistory)."),
            "assignment_history_total": integer("How many assignments there have been."),
        ]))

    private static let assignment = object(
        "One assignment.",
        Members([
            "assignee_id": identifier("Who had the task."),
            "assignee_name": string("Their name at the time.").orNull,
            "assigned_by": identifier("Who gave it to them.").orNull,
            "assigned_at": moment("Since when."),
            "unassigned_at": moment("Until when; null while it lasts.").orNull,
            "reason": oneOf(AssignmentReason.self, "Why."),
        ]))

    static let taskCompleted = object(
        "The full task and how it got there.", taskMembers,
        Members([
            "previous_status": oneOf(TaskStatus.self, "Where it stood before.").orNull,
            "completed_on_time": boolean("Whether it was done by its due time; null without one.").orNull,
            "cycle_time_seconds": integer("Seconds from creation to completion.").orNull,
        ]))

    static let taskDeleted = object(
        "Which task was deleted, how, and what it was.",
        Members([
            "id": identifier("Names the task."),
            "deleted": constant(true, "Always true."),
            "title": string("The task's title."),
            "deleted_at": moment("When it was deleted."),
            "deleted_by": identifier("Who deleted it; null for automations.").orNull,
            "deletion": deletion,
            "last_known": object("The task as it was; null when it was erased for privacy.", taskMembers).orNull,
        ]))

    private static let deletion = object(
        "How it was deleted.",
        Members([
            "mode": oneOf(DeletionMode.self, "Whether it can come back."),
            "reason": oneOf(DeletionReason.self, "Why it was deleted."),
            "merged_into_task_id": identifier("The task it was merged into.").orNull,
            "restorable_until": moment("Until when it can be restored.").orNull,
            "parent_deleted": boolean("Whether the task it is a part of was deleted with it."),
            "cascade": object(
                "What was deleted with it.",
                Members([
                    "subtask_ids": list(of: identifier("A task."), "Its subtasks."),
                    "comment_count": integer("How many comments."),
                    "attachment_count": integer("How many attachments."),
                ])),
        ]))
}
