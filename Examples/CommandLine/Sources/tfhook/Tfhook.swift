import ArgumentParser

/// The command-line tool, with one file per subcommand.
@main
struct Tfhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tfhook",
        abstract: "Sign, verify and inspect TaskFlow webhooks, check endpoints and preview retries, offline.",
        discussion: """
            Data is written to standard output, everything else to standard error.

            EXIT CODES
              0   success
              1   an expectation was not met, or the endpoint is not allowed
              3   the signature is not valid
              64  the command line is invalid
              66  a file cannot be read
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
