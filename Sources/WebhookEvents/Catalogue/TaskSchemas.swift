// The members are in the order in which they are sent. A test compares them with the output of the encoder.

extension Schema {
    static let project = object(
        "The project of the task.",
        Members(["id": identifier("The identifier of the project."), "name": string("The project's name.")]))

    static let taskMembers = Members([
        "id": identifier("The identifier of the task."),
        "title": string("The task's title."),
        "description": string("The task's description in Markdown.").orNull,
        "status": oneOf(TaskObject.Status.self, "The status of the task."),
        "priority": oneOf(TaskObject.Priority.self, "The priority of the task."),
        "project": project.orNull,
        "parent_task_id": identifier("The identifier of the parent task.").orNull,
        "labels": list(of: string("A label."), "The labels, in the order that the user chose."),
        "assignee_id": identifier("The identifier of the assignee.").orNull,
        "created_by": identifier("The identifier of the creator; null for automations and erased users.").orNull,
        "due_at": moment("The due time.").orNull,
        "estimate_minutes": integer("The estimated effort in minutes.").orNull,
        "completed_at": moment("The completion time.").orNull,
        "completed_by": identifier("The identifier of the actor that completed the task.").orNull,
        "created_at": moment("The creation time."),
        "updated_at": moment("The time of the last change."),
        "version": integer("The version of the task, which increases with every change.", minimum: 1),
        "url": link("The URL of its web page."),
        "custom_fields": free("The account's custom fields."),
    ])

    static let task = object("A task.", taskMembers)

    static let taskReference = object(
        "A summary of the task.",
        Members([
            "id": identifier("The identifier of the task."),
            "title": string("The task's title."),
            "status": oneOf(TaskObject.Status.self, "The status of the task."),
            "priority": oneOf(TaskObject.Priority.self, "The priority of the task."),
            "assignee_id": identifier("The identifier of the assignee.").orNull,
            "url": link("The URL of its web page."),
        ]))

    static let assignee = object(
        "A user, team or bot that a task can be assigned to.",
        Members([
            "id": identifier("The identifier of the assignee."),
            "type": oneOf(ActorType.self, "The kind of assignee."),
            "name": string("The assignee's name."),
            "email": string("The assignee's e-mail address.").orNull,
            "avatar_url": link("The URL of the assignee's picture.").orNull,
            "timezone": string("The assignee's IANA time zone.").orNull,
        ]))

    static let taskUpdated = object(
        "The task after the change, and the changes.", taskMembers,
        Members([
            "changed_fields": list(of: string("A field name."), "The names of the changed fields, sorted."),
            "changes": changes,
        ]))

    private static let changes = Schema([
        "type": "object", "description": "The changes by field; a custom field is named `custom_fields.NAME`.",
        "additionalProperties": .object(
            object(
                "A field before and after the change.",
                Members([
                    "from": any("The value before the change. A text over 64 KiB is replaced by its size."),
                    "to": any("The value after the change. A text over 64 KiB is replaced by its size."),
                    "added": list(of: any("An element."), "The elements added to a list.").optional,
                    "removed": list(of: any("An element."), "The elements removed from a list.").optional,
                ])
            ).json),
    ])

    static let taskAssigned = object(
        "The task, its assignee, and the previous assignee.", taskMembers,
        Members([
            "assignee": assignee.orNull,
            "previous_assignee": assignee.orNull,
            "assigned_by": identifier("The identifier of the actor that made the change; null for automations.").orNull,
            "assigned_at": moment("The time of the change."),
            "reason": oneOf(TaskAssigned.Reason.self, "The reason for the change."),
            "assignment_history": list(
                of: assignment, "The latest assignments, newest first, at most \(TaskAssigned.maximumHistory)."),
            "assignment_history_total": integer("The total number of assignments."),
        ]))

    private static let assignment = object(
        "One assignment.",
        Members([
            "assignee_id": identifier("The identifier of the assignee."),
            "assignee_name": string("The name of the assignee at that time.").orNull,
            "assigned_by": identifier("The identifier of the actor that made the assignment.").orNull,
            "assigned_at": moment("The start of the assignment."),
            "unassigned_at": moment("The end of the assignment; null for the current one.").orNull,
            "reason": oneOf(TaskAssigned.Reason.self, "The reason for the assignment."),
        ]))

    static let taskCompleted = object(
        "The full task, with its previous status and cycle time.", taskMembers,
        Members([
            "previous_status": oneOf(TaskObject.Status.self, "The previous status.").orNull,
            "completed_on_time": boolean("Whether the task was completed by its due time; null if it has none.").orNull,
            "cycle_time_seconds": integer("The time from creation to completion, in seconds.").orNull,
        ]))

    static let taskDeleted = object(
        "The deleted task, its last state, and the details of the deletion.",
        Members([
            "id": identifier("The identifier of the task."),
            "deleted": constant(true, "Always true."),
            "title": string("The task's title."),
            "deleted_at": moment("The deletion time."),
            "deleted_by": identifier("The identifier of the actor that deleted the task; null for automations.").orNull,
            "deletion": deletion,
            "last_known": object("The last state of the task; null if it was erased for privacy.", taskMembers).orNull,
        ]))

    private static let deletion = object(
        "The details of the deletion.",
        Members([
            "mode": oneOf(TaskDeleted.Mode.self, "Whether the task can be restored."),
            "reason": oneOf(TaskDeleted.Reason.self, "The reason for the deletion."),
            "merged_into_task_id": identifier("The identifier of the task that this one was merged into.").orNull,
            "restorable_until": moment("The time until which the task can be restored.").orNull,
            "parent_deleted": boolean("Whether the parent task was deleted as well."),
            "cascade": object(
                "The objects deleted with the task.",
                Members([
                    "subtask_ids": list(of: identifier("A task."), "The identifiers of the deleted subtasks."),
                    "comment_count": integer("The number of deleted comments."),
                    "attachment_count": integer("The number of deleted attachments."),
                ])),
        ]))
}
