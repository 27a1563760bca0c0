import Foundation
import WebhookReceiving

// Reads documents, each preceded by its length in four bytes, and writes one byte for each: `1` accepted, `0` rejected.
// With the argument `envelope`, documents are parsed as events, otherwise as JSON.
let isEnvelope = CommandLine.arguments.dropFirst().first == "envelope"

func isAccepted(_ document: [UInt8]) -> Bool {
    isEnvelope ? (try? Envelope.decode(document)) != nil : (try? JSONValue(parsing: document)) != nil
}

func read(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
        guard let block = try? FileHandle.standardInput.read(upToCount: count - bytes.count), !block.isEmpty else {
            return nil
        }
        bytes += block
    }
    return bytes
}

// A batch is the number of documents, their total length, and the documents. One reply per batch keeps the pipe from
// filling up.
while let header = read(8) {
    let (count, length) = (header[0..<4].reduce(0) { $0 << 8 | Int($1) }, header[4..<8].reduce(0) { $0 << 8 | Int($1) })
    guard let batch = read(length) else { break }
    var (verdicts, position) = ([UInt8](), 0)
    verdicts.reserveCapacity(count)
    for _ in 0..<count {
        let size = batch[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        let document = Array(batch[position + 4..<position + 4 + size])
        position += 4 + size
        verdicts.append(UInt8(ascii: isAccepted(document) ? "1" : "0"))
    }
    FileHandle.standardOutput.write(Data(verdicts))
}
