import Testing
import WebhookSigning
import WebhookTesting

@Suite("AESGCMSealing")
struct SecretSealingTests {
    let plain = Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8)

    private func sealing(_ ids: String...) throws -> AESGCMSealing {
        let keys = try ids.map { try AESGCMSealing.Key(id: $0, bytes: Array(repeating: $0.utf8.first ?? 0, count: 32)) }
        return try AESGCMSealing(key: keys[0], previous: Array(keys.dropFirst()), random: SeededRandomSource(seed: 1))
    }

    @Test("Sealed bytes open only for their owner, and differ every time")
    func roundTrip() throws {
        let sealing = try sealing("a")
        let (one, other) = (try sealing.seal(plain, owner: "wh_1"), try sealing.seal(plain, owner: "wh_1"))
        #expect(one != other)
        #expect(try sealing.open(one, owner: "wh_1") == plain)
        #expect(try sealing.open(sealing.seal([], owner: "wh_1"), owner: "wh_1") == [])
        let error = try #require(throws: SigningError.self) { try sealing.open(one, owner: "wh_2") }
        #expect(error.code == .cannotUnseal)
        #expect(one.count == plain.count + 2 + 1 + 12 + 16)
    }

    @Test("Every flipped bit and every truncation is detected")
    func tampering() throws {
        let sealing = try sealing("a", "b")
        let sealed = try sealing.seal(plain, owner: "wh_1")
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: SigningError.self) { try sealing.open(changed, owner: "wh_1") }
            }
            #expect(throws: SigningError.self) { try sealing.open(Array(sealed.prefix(index)), owner: "wh_1") }
        }
    }

    @Test("Keys are changed by resealing row by row")
    func reseal() throws {
        let (before, after) = (try sealing("a"), try sealing("b", "a"))
        let old = try before.seal(plain, owner: "wh_1")
        let new = try #require(try after.reseal(old, owner: "wh_1"))
        #expect(try after.reseal(new, owner: "wh_1") == nil)
        #expect(try sealing("b").open(new, owner: "wh_1") == plain)
        #expect(throws: SigningError.self) { try before.open(new, owner: "wh_1") }
        #expect(throws: SigningError.self) { try after.reseal(old, owner: "wh_2") }
    }

    // Source: the Galois/Counter Mode of Operation (McGrew, Viega), test case 16: AES-256 with associated data.
    @Test("The specification's known answer")
    func knownAnswer() throws {
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let cipher = AESGCM(
            key: KeyMaterial(key), nonce: bytes("cafebabefacedbaddecaf888"),
            associatedData: bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let plain = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                + "b16aedf5aa0de657ba637b39")
        let sealed = bytes(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(cipher.encrypt(plain) == sealed)
        #expect(cipher.decrypt(sealed) == plain)
    }

    @Test("Unusable keys are rejected")
    func keys() throws {
        #expect(throws: SigningError.self) { try AESGCMSealing.Key(id: "a", bytes: Array(repeating: 0, count: 16)) }
        #expect(throws: SigningError.self) { try AESGCMSealing.Key(id: "", bytes: Array(repeating: 0, count: 32)) }
        #expect(throws: SigningError.self) { try sealing("a", "a") }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.map { UInt8($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
