/// Scoring by the compiled form; sums are in tree order, so blocks and single rows agree to the last bit.
extension CompiledForest {
  private typealias Lanes = SIMD16<Int8>

  /// The margin of one row; `values` are the same values, wanted where splits are on categories. Four trees are walked at a time, so that the latency of one hides behind the others.
  @inline(__always)
  func margin(
    base: Double, values: UnsafePointer<Float>?, _ feature: (Int) -> Float
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Int8.self, capacity: planeCount + 1) { row in
      guard let cells = row.baseAddress else { return base }
      look(feature, into: cells)
      if let values { categories.look(values, into: cells) }
      return steps.withUnsafeBufferPointer { steps in
        trees.withUnsafeBufferPointer { trees in
          stepValues.withUnsafeBufferPointer { values in
            guard let steps = steps.baseAddress, let values = values.baseAddress else {
              return base
            }
            var sum = base
            var first = 0
            while first &+ 4 <= trees.count {
              let (a, b) = (Int(trees[first].nodes), Int(trees[first &+ 1].nodes))
              let (c, d) = (Int(trees[first &+ 2].nodes), Int(trees[first &+ 3].nodes))
              let depth = max(
                max(trees[first].depth, trees[first &+ 1].depth),
                max(trees[first &+ 2].depth, trees[first &+ 3].depth))
              var (atA, atB, atC, atD) = (0, 0, 0, 0)
              for _ in 0..<depth {
                atA = CompiledForest.next(steps[a &+ atA], cells)
                atB = CompiledForest.next(steps[b &+ atB], cells)
                atC = CompiledForest.next(steps[c &+ atC], cells)
                atD = CompiledForest.next(steps[d &+ atD], cells)
              }
              sum += values[a &+ atA]
              sum += values[b &+ atB]
              sum += values[c &+ atC]
              sum += values[d &+ atD]
              first &+= 4
            }
            while first < trees.count {
              let origin = Int(trees[first].nodes)
              var at = 0
              for _ in 0..<trees[first].depth {
                at = CompiledForest.next(steps[origin &+ at], cells)
              }
              sum += values[origin &+ at]
              first &+= 1
            }
            return sum
          }
        }
      }
    }
  }

  /// The plane and the threshold of a step.
  static func test(_ step: Step) -> (plane: Int32, threshold: Int8) {
    (Int32((step >> 8) & 0x7FFF), Int8(truncatingIfNeeded: step))
  }

  /// The node that a row goes to, counted from its tree's first. `cells` are the row's bytes, `stride` apart.
  @inline(__always)
  private static func next(
    _ step: Step, _ cells: UnsafePointer<Int8>, stride: Int = 1
  ) -> Int {
    let value = cells[Int((step >> 8) & 0x7FFF) &* stride]
    // The sign of the difference: 1 where the value is above the threshold. A comparison may become a branch.
    let above = UInt32(bitPattern: Int32(Int8(truncatingIfNeeded: step)) &- Int32(value)) >> 31
    return Int((step >> 23) &+ above)
  }

  /// Turns the values of one row into bytes.
  @inline(__always)
  func look(_ feature: (Int) -> Float, into cells: UnsafeMutablePointer<Int8>) {
    ranks.cuts.withUnsafeBufferPointer { cuts in
      guard let cuts = cuts.baseAddress else { return }
      for column in columns {
        let key = CutRanks.key(feature(Int(column.feature)))
        let count = CutRanks.rank(key, column.cuts, cuts)
        CompiledForest.put(count, key, column, cells, row: 0, stride: 1)
      }
    }
  }

  /// Turns the values of some rows into bytes, plane after plane, `block` apart.
  @inline(__always)
  func look(
    _ rows: Int, _ feature: (Int, Int) -> Float, into cells: UnsafeMutablePointer<Int8>, block: Int
  ) {
    ranks.cuts.withUnsafeBufferPointer { cuts in
      guard let cuts = cuts.baseAddress else { return }
      for column in columns {
        let name = Int(column.feature)
        for row in 0..<rows {
          let key = CutRanks.key(feature(row, name))
          let count = CutRanks.rank(key, column.cuts, cuts)
          CompiledForest.put(count, key, column, cells, row: row, stride: block)
        }
      }
    }
  }

  /// No cut is at or below a missing value, which is right where it goes left.
  @inline(__always)
  private static func put(
    _ count: Int32, _ key: Int32, _ column: Column, _ cells: UnsafeMutablePointer<Int8>, row: Int,
    stride: Int
  ) {
    let byte = Int8(truncatingIfNeeded: count &- 128)
    if column.missingLeft >= 0 { cells[Int(column.missingLeft) &* stride &+ row] = byte }
    if column.missingRight >= 0 {
      cells[Int(column.missingRight) &* stride &+ row] = key == CutRanks.missing ? .max : byte
    }
  }

  /// The margins of up to `block` rows; `feature` gives the value of a row and a column. `values` are the same values,
  /// `stride` apart, wanted where splits are on categories: looking twice through `feature` would cost all others their
  /// speed, since the compiler dissolves it only where it stands once.
  @inline(__always)
  func margins(
    base: Double, count: Int, values: UnsafePointer<Float>?, stride: Int,
    into margins: UnsafeMutablePointer<Double>,
    _ feature: (Int, Int) -> Float
  ) {
    let block = CompiledForest.block
    let vectors = (count + 15) / 16
    withUnsafeTemporaryAllocation(
      byteCount: (planeCount + places + 5) * block, alignment: 64
    ) { memory in
      guard let start = memory.baseAddress else { return }
      // Bytes of rows beyond the last are computed with and then ignored.
      let cells = start.initializeMemory(
        as: Int8.self, repeating: 0, count: (planeCount + 1) * block)
      let work = start + (planeCount + 1) * block
      let results = (work + places * block).bindMemory(to: UInt8.self, capacity: 4 * block)
      look(count, feature, into: cells, block: block)
      if let values {
        categories.look(values, count: count, stride: stride, into: cells, block: block)
      }
      for row in 0..<count { margins[row] = base }
      var first = 0
      while first < trees.count {
        let group = min(4, trees.count - first)
        for member in 0..<group {
          let tree = trees[first + member]
          let target = results + member * block
          if tree.selects {
            select(tree, cells, work, vectors, target)
          } else {
            walk(tree, cells, count, target)
          }
        }
        add(first, group, results, count, margins)
        first += group
      }
    }
  }

  /// Leaf numbers of all rows, by deciding every split for all of them.
  @inline(__always)
  private func select(
    _ tree: Tree, _ cells: UnsafePointer<Int8>, _ work: UnsafeMutableRawPointer, _ vectors: Int,
    _ target: UnsafeMutablePointer<UInt8>
  ) {
    let block = CompiledForest.block
    let values = UnsafeRawPointer(cells)
    forks.withUnsafeBufferPointer { forks in
      for index in Int(tree.forks.lowerBound)..<Int(tree.forks.upperBound) {
        let fork = forks[index]
        let threshold = Lanes(repeating: fork.threshold)
        let leaf = Lanes(repeating: Int8(bitPattern: fork.leaf))
        let source = (values + Int(fork.plane) &* block).assumingMemoryBound(to: Lanes.self)
        let place = (work + Int(fork.target) &* block).assumingMemoryBound(to: Lanes.self)
        for lane in 0..<vectors { place[lane] = leaf &- above(source[lane], threshold) }
      }
    }
    constants.withUnsafeBufferPointer { constants in
      for index in Int(tree.constants.lowerBound)..<Int(tree.constants.upperBound) {
        let constant = constants[index]
        let leaf = Lanes(repeating: Int8(bitPattern: constant.leaf))
        let place = (work + Int(constant.target) &* block).assumingMemoryBound(to: Lanes.self)
        for lane in 0..<vectors { place[lane] = leaf }
      }
    }
    choices.withUnsafeBufferPointer { choices in
      for index in Int(tree.choices.lowerBound)..<Int(tree.choices.upperBound) {
        let choice = choices[index]
        let threshold = Lanes(repeating: choice.threshold)
        let source = (values + Int(choice.plane) &* block).assumingMemoryBound(to: Lanes.self)
        let place = (work + Int(choice.target) &* block).assumingMemoryBound(to: Lanes.self)
        let right = (work + Int(choice.right) &* block).assumingMemoryBound(to: Lanes.self)
        for lane in 0..<vectors {
          let mask = above(source[lane], threshold)
          let left = place[lane]
          place[lane] = left ^ ((left ^ right[lane]) & mask)
        }
      }
    }
    let result = work.assumingMemoryBound(to: Lanes.self)
    let copy = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Lanes.self)
    for lane in 0..<vectors { copy[lane] = result[lane] }
  }

  /// All bits where a lane is above the threshold, none elsewhere.
  @inline(__always)
  private func above(_ a: Lanes, _ b: Lanes) -> Lanes {
    // A mask and its lanes are the same bits; there is no other way from one to the other.
    unsafeBitCast(a .> b, to: Lanes.self)
  }

  /// Leaf numbers of all rows, each walking down; four rows at a time.
  @inline(__always)
  private func walk(
    _ tree: Tree, _ cells: UnsafePointer<Int8>, _ count: Int,
    _ target: UnsafeMutablePointer<UInt8>
  ) {
    let block = CompiledForest.block
    steps.withUnsafeBufferPointer { steps in
      stepLeaves.withUnsafeBufferPointer { leaves in
        guard let steps = steps.baseAddress, let leaves = leaves.baseAddress else { return }
        let root = steps + Int(tree.nodes)
        let numbers = leaves + Int(tree.nodes)
        var row = 0
        // Rows up to the next multiple of four have bytes too.
        while row < count {
          let own = cells + row
          var (atA, atB, atC, atD) = (0, 0, 0, 0)
          for _ in 0..<tree.depth {
            atA = CompiledForest.next(root[atA], own, stride: block)
            atB = CompiledForest.next(root[atB], own + 1, stride: block)
            atC = CompiledForest.next(root[atC], own + 2, stride: block)
            atD = CompiledForest.next(root[atD], own + 3, stride: block)
          }
          target[row] = numbers[atA]
          target[row &+ 1] = numbers[atB]
          target[row &+ 2] = numbers[atC]
          target[row &+ 3] = numbers[atD]
          row &+= 4
        }
      }
    }
  }

  /// Adds the leaves of up to four trees, in their order.
  @inline(__always)
  private func add(
    _ first: Int, _ group: Int, _ leaves: UnsafePointer<UInt8>, _ count: Int,
    _ margins: UnsafeMutablePointer<Double>
  ) {
    let block = CompiledForest.block
    leafValues.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      if group == 4 {
        let a = values + Int(trees[first].values)
        let b = values + Int(trees[first &+ 1].values)
        let c = values + Int(trees[first &+ 2].values)
        let d = values + Int(trees[first &+ 3].values)
        for row in 0..<count {
          var sum = margins[row]
          sum += a[Int(leaves[row])]
          sum += b[Int(leaves[row &+ block])]
          sum += c[Int(leaves[row &+ 2 &* block])]
          sum += d[Int(leaves[row &+ 3 &* block])]
          margins[row] = sum
        }
        return
      }
      for member in 0..<group {
        let tree = values + Int(trees[first + member].values)
        for row in 0..<count { margins[row] += tree[Int(leaves[row &+ member &* block])] }
      }
    }
  }
}
