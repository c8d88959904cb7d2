import Detection
import Foundation
import Learning
import Primitives
import Testing

/// A model of one split, and its file with some text in it replaced.
enum SmallModel {
  static func model(
    calibration: Calibration = .platt(slope: 1, offset: 0.25), trees: Int = 1
  ) throws -> Model {
    var tree = DecisionTree()
    tree.appendLeaf(value: 0, cover: 4)
    let left = tree.split(
      0, feature: 1, threshold: 0.5, missingLeft: true, gain: 2, leftCover: 1, rightCover: 3)
    tree.values[left] = -1
    tree.values[left + 1] = 1.5
    return Model(
      features: ["amount", "hour"], featureDigest: "d1",
      forest: try Forest(
        featureCount: 2, baseMargin: -1,
        trees: [DecisionTree](repeating: tree, count: trees)),
      calibration: calibration, alertThreshold: 0.5,
      trainedOn: Model.TrainedOn(
        rows: 10, positives: 3, from: Timestamp(seconds: 5), to: Timestamp(seconds: 9), seed: 7))
  }

  static func file(_ model: Model) throws -> String {
    String(decoding: try ModelFile.encode(model), as: UTF8.self)
  }

  /// What reading says; missing where it read a model.
  static func failure(_ text: String) -> String? {
    Fixture.failure { _ = try ModelFile.decode(Data(text.utf8), name: "m.json") }
  }
}

@Suite("Model files")
struct ModelFileTests {
  @Test("A model comes back from its file as it was, whatever its calibration")
  func roundTrip() throws {
    var random = SeededRandom(seed: 71)
    let calibrations: [Calibration] = [
      .logistic, .platt(slope: 0.1 + 0.2, offset: -1 / 3.0),
      .isotonic(margins: [-1 / 3.0, 0.1, 7], probabilities: [0.001, 0.1, 2 / 3.0]),
    ]
    for calibration in calibrations {
      let forest = try Fixture.forest(features: 7, trees: 12, depth: 7, random: &random)
      let model = Model(
        features: (0..<7).map { "näme \"\($0)\"" }, featureDigest: "x", forest: forest,
        calibration: calibration)
      let data = try ModelFile.encode(model)
      let back = try ModelFile.decode(data, name: "m")
      #expect(back.digest == model.digest)
      #expect(back.calibration == model.calibration)
      #expect(back.forest.trees == forest.trees)
      #expect(try ModelFile.encode(back) == data)
    }
  }

  @Test("The file is plain JSON with sorted keys and the digest of its content")
  func layout() throws {
    let model = try SmallModel.model()
    #expect(
      try SmallModel.file(model)
        == #"{"alert_threshold":0.5,"base_margin":-1,"calibration":{"kind":"platt","offset":0.25,"slope":1},"digest":"\#(model.digest)","feature_digest":"d1","features":["amount","hour"],"format":"moonwatch-model","objective":"binary:logistic","trained_on":{"from_microseconds":5000000,"positives":3,"rows":10,"seed":7,"to_microseconds":9000000},"trees":[{"cover":[4,1,3],"feature":[1,0,0],"gain":[2,0,0],"left":[1,-1,-1],"missing_left":[true,false,false],"right":[2,-1,-1],"threshold":[0.5,0,0],"value":[0,-1,1.5]}],"version":1}"#
    )
    #expect(model.digest.count == 64)
  }

  private static let damaged = "the file is damaged; save the model again"
  private static let resave = "the file is damaged; save it again"

  /// What is replaced by what, and the message after the file's name.
  static let hostile: [(String, String, String)] = [
    (#""version":1"#, #""version":2"#, "the model has layout 2 (this program reads layout 1)"),
    (#","version":1"#, "", "the model has layout unknown (this program reads layout 1)"),
    (
      #""format":"moonwatch-model""#, #""format":"other""#,
      "this is not a model file (give a file written by 'moonwatch train', by XGBoost as JSON or by LightGBM as text)"
    ),
    (
      #""binary:logistic""#, #""rank:ndcg""#,
      "objective 'rank:ndcg' is unknown (known: binary:logistic, reg:squarederror)"
    ),
    (#"["amount","hour"]"#, "[]", "the model names 0 features (a model has 1 to 1048576)"),
    (#"["amount","hour"]"#, #"["amount","amount"]"#, "two features are named 'amount'"),
    (
      #"["amount","hour"]"#, #"["amount","a\u0000b"]"#,
      "a feature's name is empty, over 1000 bytes or has control characters"
    ),
    (
      #"["amount","hour"]"#, #"["amount",""]"#,
      "a feature's name is empty, over 1000 bytes or has control characters"
    ),
    (
      #"["amount","hour"]"#, #"["amount"]"#,
      "tree 0, node 0: splits on feature 1 of 1 (\(damaged))"
    ),
    (#"["amount","hour"]"#, #"["amount",5]"#, "'features[1]' has the wrong type (\(resave))"),
    (#"["amount","hour"]"#, #"["hour","amount"]"#, digestMessage),
    (
      #""feature":[1,0,0]"#, #""feature":[2,0,0]"#,
      "tree 0, node 0: splits on feature 2 of 2 (\(damaged))"
    ),
    (
      #""feature":[1,0,0]"#, #""feature":[-1,0,0]"#,
      "tree 0, node 0: splits on feature -1 of 2 (\(damaged))"
    ),
    (
      #""feature":[1,0,0]"#, #""feature":[1,0]"#,
      "tree 0: 'feature' has 2 entries but 'threshold' has 3 (\(damaged))"
    ),
    (
      #""feature":[1,0,0]"#, #""feature":[1.5,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""feature":[1,0,0]"#, #""feature":[1e30,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""feature":[1,0,0]"#, #""feature":[99999999999999999999,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[0,-1,-1]"#,
      "tree 0, node 0: leads to node 0 of 3 (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[3,-1,-1]"#,
      "tree 0, node 0: leads to node 3 of 3 (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[-1,-1,-1]"#,
      "tree 0, node 0: leads to node -1 of 3 (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[9223372036854775807,-1,-1]"#,
      "tree 0, node 0: leads to node 9223372036854775807 of 3 (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[-9223372036854775808,-1,-1]"#,
      "tree 0, node 0: leads to node -9223372036854775808 of 3 (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[2,-1,-1]"#,
      "tree 0, node 0: leads to node 2, which another split does (\(damaged))"
    ),
    (
      #""left":[1,-1,-1],"missing_left":[true,false,false],"right":[2,-1,-1]"#,
      #""left":[1,2,-1],"missing_left":[true,false,false],"right":[2,1,-1]"#,
      "tree 0, node 1: leads to node 2, which another split does (\(damaged))"
    ),
    (
      #""left":[1,-1,-1],"missing_left":[true,false,false],"right":[2,-1,-1]"#,
      #""left":[-1,-1,-1],"missing_left":[true,false,false],"right":[-1,-1,-1]"#,
      "tree 0: no split leads to 2 of its 3 nodes (\(damaged))"
    ),
    (
      #""left":[1,-1,-1]"#, #""left":[]"#,
      "tree 0: 'feature' has 3 entries but 'left' has 0 (\(damaged))"
    ),
    (
      #""right":[2,-1,-1]"#, #""right":[2,-1]"#,
      "tree 0: 'feature' has 3 entries but 'right' has 2 (\(damaged))"
    ),
    (
      #""missing_left":[true,false,false]"#, #""missing_left":[true]"#,
      "tree 0: 'feature' has 3 entries but 'missing_left' has 1 (\(damaged))"
    ),
    (
      #""missing_left":[true,"#, #""missing_left":[1,"#,
      "'trees[0].missing_left[0]' has the wrong type (\(resave))"
    ),
    (#""missing_left":[true,"#, #""missing_left":[false,"#, digestMessage),
    (
      #""threshold":[0.5,0,0]"#, #""threshold":[1e999,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""threshold":[0.5,0,0]"#, #""threshold":[1e39,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (
      #""threshold":[0.5,0,0]"#, #""threshold":["NaN",0,0]"#,
      "'trees[0].threshold[0]' has the wrong type (\(resave))"
    ),
    (
      #""threshold":[0.5,0,0]"#, #""threshold":[null,0,0]"#,
      "'trees[0].threshold[0]' is null (\(resave))"
    ),
    (
      #""threshold":[0.5,0,0]"#, #""threshold":[NaN,0,0]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (#""threshold":[0.5,0,0]"#, #""threshold":[0.25,0,0]"#, digestMessage),
    (
      #""value":[0,-1,1.5]"#, #""value":[0,-1]"#,
      "tree 0: 'feature' has 3 entries but 'value' has 2 (\(damaged))"
    ),
    (
      #""value":[0,-1,1.5]"#, #""value":[0,-1,1e60]"#,
      "this is not JSON, or a number in it does not fit its place (\(resave))"
    ),
    (#""value":[0,-1,1.5]"#, #""value":[0,-1,1.25]"#, digestMessage),
    (
      #""cover":[4,1,3]"#, #""cover":[4,-1,3]"#,
      "tree 0, node 1: the cover is not a number from 0 up (\(damaged))"
    ),
    (
      #""cover":[4,1,3]"#, #""cover":[4,1]"#,
      "tree 0: 'feature' has 3 entries but 'cover' has 2 (\(damaged))"
    ),
    (#""cover":[4,1,3]"#, #""cover":[4,2,3]"#, digestMessage),
    (
      #""gain":[2,0,0]"#, #""gain":[]"#,
      "tree 0: 'feature' has 3 entries but 'gain' has 0 (\(damaged))"
    ),
    (
      #""trees":[{"#,
      #""trees":[{"cover":[],"feature":[],"gain":[],"left":[],"missing_left":[],"right":[],"threshold":[],"value":[]},{"#,
      "tree 0 has no nodes"
    ),
    (#""trees":[{"#, #""trees":[{},{"#, "'trees[0].feature' is not there (\(resave))"),
    (#""trees":[{"#, #""trees":[7,{"#, "'trees[0]' has the wrong type (\(resave))"),
    (#""base_margin":-1"#, #""base_margin":"x""#, "'base_margin' has the wrong type (\(resave))"),
    (#""base_margin":-1,"#, "", "'base_margin' is not there (\(resave))"),
    (#""base_margin":-1"#, #""base_margin":-2"#, digestMessage),
    (
      #""alert_threshold":0.5"#, #""alert_threshold":1.5"#,
      "the alert threshold is 1.5 (it is a probability)"
    ),
    (#""alert_threshold":0.5,"#, "", digestMessage),
    (#""rows":10"#, #""rows":-10"#, "the model was trained on a negative number of rows"),
    (#""rows":10"#, #""rows":11"#, digestMessage),
    (
      #""kind":"platt""#, #""kind":"beta""#,
      "calibration 'beta' is unknown (known: logistic, platt, isotonic)"
    ),
    (
      #""slope":1"#, #""slope":-1"#,
      "the platt calibration needs a slope from 0 up and an offset"
    ),
    (#""offset":0.25,"#, "", "the platt calibration needs a slope from 0 up and an offset"),
    (
      #"{"kind":"platt","offset":0.25,"slope":1}"#,
      #"{"kind":"isotonic","margins":[1,0],"probabilities":[0.1,0.2]}"#, isotonicMessage
    ),
    (
      #"{"kind":"platt","offset":0.25,"slope":1}"#,
      #"{"kind":"isotonic","margins":[0,1],"probabilities":[0.2,0.1]}"#, isotonicMessage
    ),
    (
      #"{"kind":"platt","offset":0.25,"slope":1}"#,
      #"{"kind":"isotonic","margins":[0,1],"probabilities":[0.2,1.1]}"#, isotonicMessage
    ),
    (
      #"{"kind":"platt","offset":0.25,"slope":1}"#,
      #"{"kind":"isotonic","margins":[],"probabilities":[]}"#, isotonicMessage
    ),
    (#""digest":""#, #""digest":"0"#, digestMessage),
    (#""feature_digest":"d1""#, #""feature_digest":"d2""#, digestMessage),
  ]

  private static let digestMessage =
    "the model's content does not have the digest that it names (the file was changed after it was saved; restore it or train again)"
  private static let isotonicMessage =
    "the isotonic calibration needs rising margins, each with a probability (\(damaged))"

  @Test("A changed file is refused with its name, the place and what to do", arguments: hostile)
  func refuses(old: String, new: String, message: String) throws {
    let text = try SmallModel.file(SmallModel.model())
    #expect(text.contains(old))
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(SmallModel.failure(changed) == "m.json: \(message)")
  }

  @Test("What is no JSON object is refused")
  func noise() throws {
    let whole = try SmallModel.file(SmallModel.model())
    for text in [
      "", " ", "{", "null", "[]", "7", "\u{0}", String(repeating: "[", count: 100_000),
      String(repeating: "{\"a\":", count: 10_000), String(whole.dropLast()),
    ] {
      let failure = try #require(SmallModel.failure(text))
      #expect(failure.hasPrefix("m.json: "))
    }
    #expect(
      SmallModel.failure("{}")
        == "m.json: this is not a model file (give a file written by 'moonwatch train', by XGBoost as JSON or by LightGBM as text)"
    )
  }

  @Test("A file with any byte changed is refused or says the very same")
  func mutations() throws {
    var random = SeededRandom(seed: 72)
    let model = try SmallModel.model(
      calibration: .isotonic(margins: [0, 1], probabilities: [0.1, 0.9]))
    let bytes = Array(try ModelFile.encode(model))
    var refused = 0
    for _ in 0..<3000 {
      var changed = bytes
      for _ in 0...random.below(3) {
        let place = random.below(changed.count)
        switch random.below(3) {
        case 0: changed[place] = UInt8(random.below(256))
        case 1: changed.remove(at: place)
        default: changed.insert(UInt8(ascii: "0") + UInt8(random.below(10)), at: place)
        }
      }
      do throws(Failure) {
        let read = try ModelFile.decode(Data(changed), name: "m")
        #expect(read.digest == model.digest)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 2500)
  }

  @Test("A tree deeper than 64 splits is refused")
  func depth() throws {
    func chain(_ depth: Int) throws -> Forest {
      var tree = DecisionTree()
      tree.appendLeaf(value: 0, cover: 1)
      var node = 0
      for _ in 0..<depth {
        node = tree.split(
          node, feature: 0, threshold: 0, missingLeft: true, gain: 0, leftCover: 1, rightCover: 0)
      }
      return try Forest(featureCount: 1, baseMargin: 0, trees: [tree])
    }
    #expect(try chain(64).depths == [64])
    #expect(
      Fixture.failure { _ = try chain(65) }
        == "tree 0, node 127: deeper than 64 splits (the file is damaged; save the model again)")
  }

  @Test("Files that cannot be opened are named")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }  // Left behind at worst.
    let path = folder.appending(path: "m.json").path
    #expect(
      Fixture.failure { _ = try ModelFile.load(path: path) }
        == "\(path) cannot be read (check the name and the permissions)")
    #expect(
      Fixture.failure { _ = try ModelFile.load(path: folder.path) }
        == "\(folder.path) is not a file (name a model file)")
    let model = try SmallModel.model()
    try ModelFile.save(model, path: path)
    #expect(try ModelFile.load(path: path).digest == model.digest)
    let nowhere = folder.appending(path: "no/m.json").path
    #expect(
      Fixture.failure { try ModelFile.save(model, path: nowhere) }
        == "\(nowhere) cannot be written (check the folder, its permissions and space)")
  }

  @Test("Columns are found by name, and one that is missing is told")
  func features() throws {
    let model = try SmallModel.model()
    #expect(try model.columns(in: ["hour", "x", "amount"]) == [2, 0])
    #expect(
      Fixture.failure { _ = try model.columns(in: ["hours", "amount"]) }
        == "the table has no column 'hour' (did you mean 'hours'?)")
    #expect(
      Fixture.failure { _ = try model.columns(in: ["amount"]) }
        == "the table has no column 'hour' (the model was trained on it; add it)")
  }
}
