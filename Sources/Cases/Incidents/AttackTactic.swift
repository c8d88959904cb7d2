/// A stage of an attack as MITRE ATT&CK calls it (https://attack.mitre.org), in the order in which attacks go.
package enum AttackTactic: Int, Hashable, Sendable, CaseIterable, Comparable {
  case reconnaissance, resourceDevelopment, initialAccess, execution, persistence
  case privilegeEscalation, defenseEvasion, credentialAccess, discovery, lateralMovement
  case collection, commandAndControl, exfiltration, impact

  /// `credential-access`
  package var word: String {
    switch self {
    case .reconnaissance: "reconnaissance"
    case .resourceDevelopment: "resource-development"
    case .initialAccess: "initial-access"
    case .execution: "execution"
    case .persistence: "persistence"
    case .privilegeEscalation: "privilege-escalation"
    case .defenseEvasion: "defense-evasion"
    case .credentialAccess: "credential-access"
    case .discovery: "discovery"
    case .lateralMovement: "lateral-movement"
    case .collection: "collection"
    case .commandAndControl: "command-and-control"
    case .exfiltration: "exfiltration"
    case .impact: "impact"
    }
  }

  package static func < (a: AttackTactic, b: AttackTactic) -> Bool { a.rawValue < b.rawValue }

  /// The techniques that most rules name, under the tactic that each stands for first; some serve several.
  private static let techniques: [AttackTactic: String] = [
    .reconnaissance: "1589 1590 1592 1593 1595 1598",
    .resourceDevelopment: "1583 1584 1585 1586 1587 1588 1608",
    .initialAccess: "1078 1133 1189 1190 1195 1199 1200 1566",
    .execution: "1047 1053 1059 1072 1106 1129 1203 1204 1559 1569 1609 1610 1648 1651",
    .persistence: "1037 1098 1136 1137 1176 1505 1525 1542 1543 1546 1547 1554 1574",
    .privilegeEscalation: "1055 1068 1134 1484 1548 1611",
    .defenseEvasion: """
    1014 1027 1036 1070 1112 1127 1140 1197 1202 1207 1218 1222 1480 1497 1535 1550 1553 1562 1564
    1578 1599 1600 1601 1612 1620 1622
    """,
    .credentialAccess: """
    1003 1040 1110 1111 1187 1212 1528 1539 1552 1555 1556 1557 1558 1606 1621 1649
    """,
    .discovery: """
    1007 1010 1012 1016 1018 1033 1046 1049 1057 1069 1082 1083 1087 1120 1124 1135 1201 1217 1482
    1518 1526 1538 1580 1613 1614 1615 1619
    """,
    .lateralMovement: "1021 1080 1091 1210 1534 1563 1570",
    .collection: "1005 1025 1039 1056 1074 1113 1114 1115 1119 1123 1125 1185 1213 1530 1560 1602",
    .commandAndControl: """
    1001 1008 1071 1090 1092 1095 1102 1104 1105 1132 1205 1219 1568 1571 1572 1573
    """,
    .exfiltration: "1011 1020 1029 1030 1041 1048 1052 1537 1567",
    .impact: "1485 1486 1489 1490 1491 1495 1496 1498 1499 1529 1531 1561 1565 1657",
  ]

  private static let byTechnique: [Substring: AttackTactic] = {
    var table: [Substring: AttackTactic] = [:]
    for (tactic, numbers) in techniques {
      for number in numbers.split(whereSeparator: \.isWhitespace) { table[number] = tactic }
    }
    return table
  }()

  /// The tactic of a technique such as `T1110.003`; missing where the table does not have it.
  package static func of(technique: String) -> AttackTactic? {
    byTechnique[technique.dropFirst().prefix(4)]
  }
}

/// What the tags of a rule say of the attack: `attack.t1110`, `attack.credential-access`.
package struct AttackStage: Hashable, Sendable {
  /// `T1110.003`; missing where the rule names a tactic only.
  package var technique: String?
  package var tactic: AttackTactic?

  /// From the first tag that names a technique, with the tactic of a tag of its own where there is one.
  package init?(tags: [String]) {
    let words = tags.compactMap { tag -> Substring? in
      tag.hasPrefix("attack.") ? tag.dropFirst(7) : nil
    }
    technique = words.first(where: AttackStage.isTechnique).map { $0.uppercased() }
    let named = words.lazy.compactMap { word in
      AttackTactic.allCases.first { $0.word == word.replacing("_", with: "-") }
    }.first
    tactic = named ?? technique.flatMap(AttackTactic.of(technique:))
    if technique == nil && tactic == nil { return nil }
  }

  /// `t1110` or `t1110.003`.
  private static func isTechnique(_ word: Substring) -> Bool {
    let digits = word.utf8.dropFirst()
    return word.utf8.first == UInt8(ascii: "t") && digits.count >= 4
      && digits.prefix(4).allSatisfy { $0 >= 48 && $0 <= 57 }
  }
}
