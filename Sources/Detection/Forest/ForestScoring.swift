/// Scoring: rows to margins. A row is `featureCount` values, missing is NaN; a value counts as the nearest 32-bit
/// float, as it did in training. Margins are sums in tree order and so the same however rows are grouped.
extension Forest {
  /// Rows that walk down one tree together: enough to hide the latency of a step, few enough to stay in the cache.
  private static let block = 64

  package func margin(_ row: UnsafePointer<Double>) -> Double {
    if !categorySets.isEmpty { return narrowed(row) { margin($0) } }
    if let compiled { return compiled.margin(base: baseMargin, values: nil) { Float(row[$0]) } }
    return walk { Float(row[$0]) }
  }

  package func margin(_ row: UnsafePointer<Float>) -> Double {
    if let compiled {
      return compiled.margin(base: baseMargin, values: categorySets.isEmpty ? nil : row) {
        row[$0]
      }
    }
    return walk { row[$0] }
  }

  /// A row as 32-bit floats.
  private func narrowed(
    _ row: UnsafePointer<Double>, _ use: (UnsafePointer<Float>) -> Double
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: featureCount) { scratch in
      guard let narrow = scratch.baseAddress else { return baseMargin }
      for column in 0..<featureCount { narrow[column] = Float(row[column]) }
      return use(narrow)
    }
  }

  @inline(__always)
  private func walk(_ feature: (Int) -> Float) -> Double {
    nodes.withUnsafeBufferPointer { nodes in
      guard let base = nodes.baseAddress else { return baseMargin }
      var sum = baseMargin
      for root in roots {
        var node = base[Int(root)]
        while !node.isLeaf {
          let x = feature(node.feature)
          let right =
            x.isNaN
            ? node.missingGoesRight
            : node.isCategorical
              ? categorySets[node.categorySet].contains(x) : x >= node.threshold
          node = base[Int(node.left) + (right ? 1 : 0)]
        }
        sum += Double(node.value)
      }
      return sum
    }
  }

  /// Margins of consecutive rows, `stride` values apart.
  package func margins(
    _ rows: UnsafePointer<Float>, count: Int, stride: Int,
    into margins: UnsafeMutablePointer<Double>
  ) {
    if let compiled {
      for start in Swift.stride(from: 0, to: count, by: CompiledForest.block) {
        compiled.margins(
          base: baseMargin, count: min(CompiledForest.block, count - start),
          values: categorySets.isEmpty ? nil : rows + start * stride, stride: stride,
          into: margins + start
        ) { row, column in rows[(start &+ row) &* stride &+ column] }
      }
      return
    }
    var start = 0
    while start < count {
      let n = min(Forest.block, count - start)
      scoreBlock(rows + start * stride, count: n, stride: stride, into: margins + start)
      start += n
    }
  }

  /// Margins of consecutive rows, `stride` values apart.
  package func margins(
    _ rows: UnsafePointer<Double>, count: Int, stride: Int,
    into margins: UnsafeMutablePointer<Double>
  ) {
    if let compiled, categorySets.isEmpty {
      for start in Swift.stride(from: 0, to: count, by: CompiledForest.block) {
        compiled.margins(
          base: baseMargin, count: min(CompiledForest.block, count - start), values: nil, stride: 0,
          into: margins + start
        ) { row, column in Float(rows[(start &+ row) &* stride &+ column]) }
      }
      return
    }
    let width = featureCount
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Forest.block * width) { scratch in
      guard let narrow = scratch.baseAddress else { return }
      var start = 0
      while start < count {
        let n = min(Forest.block, count - start)
        for row in 0..<n {
          let source = rows + (start + row) * stride
          let target = narrow + row * width
          for column in 0..<width { target[column] = Float(source[column]) }
        }
        if categorySets.isEmpty {
          scoreBlock(narrow, count: n, stride: width, into: margins + start)
        } else {
          self.margins(narrow, count: n, stride: width, into: margins + start)
        }
        start += n
      }
    }
  }

  private func scoreBlock(
    _ rows: UnsafePointer<Float>, count: Int, stride: Int,
    into margins: UnsafeMutablePointer<Double>
  ) {
    if !categorySets.isEmpty {
      for row in 0..<count { margins[row] = walk { rows[row &* stride &+ $0] } }
      return
    }
    for row in 0..<count { margins[row] = baseMargin }
    nodes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for tree in roots.indices {
        let root = Int(roots[tree])
        let depth = Int(depths[tree])
        var row = 0
        while row + 8 <= count {
          var at = SIMD8<Int32>(repeating: Int32(root))
          let first = rows + row * stride
          for _ in 0..<depth {
            at[0] = step(base, at[0], first)
            at[1] = step(base, at[1], first + stride)
            at[2] = step(base, at[2], first + 2 * stride)
            at[3] = step(base, at[3], first + 3 * stride)
            at[4] = step(base, at[4], first + 4 * stride)
            at[5] = step(base, at[5], first + 5 * stride)
            at[6] = step(base, at[6], first + 6 * stride)
            at[7] = step(base, at[7], first + 7 * stride)
          }
          for lane in 0..<8 { margins[row + lane] += Double(base[Int(at[lane])].value) }
          row += 8
        }
        while row < count {
          var at = Int32(root)
          let values = rows + row * stride
          for _ in 0..<depth { at = step(base, at, values) }
          margins[row] += Double(base[Int(at)].value)
          row += 1
        }
      }
    }
  }

  /// One split without a branch; a leaf leads to itself.
  @inline(__always)
  private func step(
    _ base: UnsafePointer<Node>, _ index: Int32, _ row: UnsafePointer<Float>
  ) -> Int32 {
    let node = base[Int(index)]
    let x = row[Int(node.column & ~Node.missingRight)]
    let above: Int32 = x >= node.threshold ? 1 : 0
    let missing: Int32 = x != x ? 1 : 0
    return node.left &+ (above | (missing & Int32(bitPattern: node.column >> 31)))
  }
}
