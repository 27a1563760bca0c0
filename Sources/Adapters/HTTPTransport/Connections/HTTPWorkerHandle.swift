#if HTTPTransport
internal import NIOCore

/// A thread-safe handle of a worker, which also runs tasks on the worker's thread.
final class HTTPWorkerHandle: TaskExecutor {
    let eventLoop: any EventLoop
    private let box: NIOLoopBoundBox<HTTPWorker>

    init(_ context: HTTPWorkerContext, _ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.box = .makeBoxSendingValue(HTTPWorker(context, eventLoop), eventLoop: eventLoop)
    }

    func submit(_ job: HTTPJob) {
        if eventLoop.inEventLoop { box.value.start(job) } else { eventLoop.execute { self.box.value.start(job) } }
    }

    func cancel(_ ticket: HTTPTicket) { eventLoop.execute { self.box.value.cancel(ticket) } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
#endif
