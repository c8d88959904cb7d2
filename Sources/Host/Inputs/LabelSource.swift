import Detection
import Ingest
import Primitives

/// Labels from beside the events: a CSV of labels, or the windows of the Numenta benchmark as JSON.
enum LabelSource {
  static func read(_ path: String) throws(Failure) -> [Label] {
    path.hasSuffix(".json") ? try NABLabels.read(path) : try LabelFile.read(path)
  }
}
