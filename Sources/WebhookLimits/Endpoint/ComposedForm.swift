/// Unicode's composed form (NFC), as far as names need it.
///
/// The standard library does not say whether text is in it. This says so strictly: what it takes is, and of what it refuses
/// only marks of scripts that hardly use them loose are lost.
enum ComposedForm {
    /// Whether nothing would be reordered or melted together.
    static func holds(_ scalars: [Unicode.Scalar]) -> Bool {
        var starter: UInt32 = 0
        var previous: UInt8 = 0
        for scalar in scalars {
            let order = scalar.properties.canonicalCombiningClass.rawValue
            if order != 0, order < previous { return false }
            switch scalar.value {
            // The marks of Latin, Greek, Cyrillic and kana, which have letters with the mark in them.
            case 0x300...0x36F, 0x3099...0x309A: return false
            // The parts of Korean syllables.
            case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF: return false
            default: if melting[scalar.value]?.contains(starter) == true { return false }
            }
            if order == 0 { starter = scalar.value }
            previous = order
        }
        return true
    }

    /// Which letters a mark melts into, by the mark.
    ///
    /// Source: the canonical decompositions of UnicodeData.txt 14.0.
    private static let melting: [UInt32: Set<UInt32>] = [
        0x653: [0x627],
        0x654: [0x627, 0x648, 0x64A, 0x6D5, 0x6C1, 0x6D2],
        0x655: [0x627],
        0x93C: [0x928, 0x930, 0x933],
        0x9BE: [0x9C7],
        0x9D7: [0x9C7],
        0xB3E: [0xB47],
        0xB56: [0xB47],
        0xB57: [0xB47],
        0xBBE: [0xBC6, 0xBC7],
        0xBD7: [0xB92, 0xBC6],
        0xC56: [0xC46],
        0xCC2: [0xCC6],
        0xCD5: [0xCBF, 0xCC6, 0xCCA],
        0xCD6: [0xCC6],
        0xD3E: [0xD46, 0xD47],
        0xD57: [0xD46],
        0xDCA: [0xDD9, 0xDDC],
        0xDCF: [0xDD9],
        0xDDF: [0xDD9],
        0x102E: [0x1025],
        0x1B35: [0x1B05, 0x1B07, 0x1B09, 0x1B0B, 0x1B0D, 0x1B11, 0x1B3A, 0x1B3C, 0x1B3E, 0x1B3F, 0x1B42],
        0x110BA: [0x11099, 0x1109B, 0x110A5],
        0x11127: [0x11131, 0x11132],
        0x1133E: [0x11347],
        0x11357: [0x11347],
        0x114B0: [0x114B9],
        0x114BA: [0x114B9],
        0x114BD: [0x114B9],
        0x115AF: [0x115B8, 0x115B9],
        0x11930: [0x11935],
    ]
}
