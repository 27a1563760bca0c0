// StoreWorker COMMAND STORE …: the processes that the crash test and the benchmarks start. STORE is
// `sqlite:PATH` or `postgres:CONNECTION`; `serve` needs none.
#if HTTPTransport && PostgreSQL && SQLite
var arguments = Arguments(CommandLine.arguments.dropFirst())
let command = try arguments.next("a command")
if command == "serve" { try await serve() }
let place = try StoreLocation(arguments.next("a store"))
switch command {
case "deliver": try await Delivering(place, &arguments).run()
case "cycle": try await Cycle(place, &arguments).run()
case "load": try await Load(place, &arguments).run()
case "neighbours": try await Neighbours(place, &arguments).run()
case "ledger": try await printLedger(of: place)
default: throw Usage("unknown command: \(command)")
}
#else
print("Requires the traits HTTPTransport, PostgreSQL and SQLite")
#endif
