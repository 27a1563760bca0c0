import ArgumentParser

/// The command line tool: one subcommand a file.
@main
struct Tfhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tfhook",
        abstract: "Sign, verify and look at TaskFlow webhooks, check where they may go and when, offline.",
        discussion: """
            Data goes to standard output, everything else to standard error. Exit codes: 0 it worked, 1 an expectation \
            was not met or the endpoint is not allowed, 3 the signature is not valid, 64 the command is not understood, 66 a file cannot be read.
            """,
        version: "0.3.0",
        subcommands: [Sign.self, Verify.self, Events.self, CheckURL.self, CheckIP.self, Retries.self])
}

extension ExitCode {
    /// An expectation was not met.
    static let unmet = ExitCode(1)
    /// The signature is not valid.
    static let invalidSignature = ExitCode(3)
    /// A file cannot be read (EX_NOINPUT of sysexits.h).
    static let noInput = ExitCode(66)
}
