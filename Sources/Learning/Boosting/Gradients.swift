/// First and second derivatives of the loss at each row, as whole numbers so that sums do not depend on their order.
///
/// A row is one 64-bit word: the first derivative in the upper half, the second, which is never negative, in the lower
/// one. The steps are chosen each round such that the words of all rows together fill no half: about 10⁻⁹ of the sum of
/// the absolute derivatives. So any rows can be added as words, and one subtraction takes one node's sums from
/// another's. What falls between two steps is rounded by a hash of row and round, so that sums are not biased.
struct Gradients {
  private static let range = 0x1p30
  private static let chunk = 8192

  private(set) var packed: [Int64]
  private(set) var gradientStep = 1.0
  private(set) var hessianStep = 1.0
  private var gradients: [Float]
  private var hessians: [Float]

  init(rows: Int) {
    precondition(rows < 1 << 29, "rounding up every row must not fill a half word")
    packed = [Int64](repeating: 0, count: rows)
    gradients = [Float](repeating: 0, count: rows)
    hessians = [Float](repeating: 0, count: rows)
  }

  mutating func update(
    _ objective: Objective, focus: Double = 0, margins: [Float], labels: [Float], weights: [Float],
    round: Int,
    workers: Workers
  ) {
    let rows = packed.count
    let chunks = (rows + Gradients.chunk - 1) / Gradients.chunk
    var sums = [SIMD2<Double>](repeating: .zero, count: chunks)
    gradients.withUnsafeMutableBufferPointer { gradients in
      hessians.withUnsafeMutableBufferPointer { hessians in
        sums.withUnsafeMutableBufferPointer { sums in
          margins.withUnsafeBufferPointer { margins in
            labels.withUnsafeBufferPointer { labels in
              weights.withUnsafeBufferPointer { weights in
                workers.perform(chunks) { chunk in
                  let range = (chunk * Gradients.chunk)..<min(rows, (chunk + 1) * Gradients.chunk)
                  sums[chunk] = Gradients.derive(
                    objective, Float(focus), range, margins, labels, weights, gradients, hessians)
                }
              }
            }
          }
        }
      }
    }
    let sum = sums.reduce(SIMD2<Double>.zero, +)
    gradientStep = max(sum.x, 1e-30) / Gradients.range
    hessianStep = max(sum.y, 1e-30) / Gradients.range
    let (perGradient, perHessian) = (1 / gradientStep, 1 / hessianStep)
    let salt = UInt32(truncatingIfNeeded: round &* 0x9E37_79B9)
    packed.withUnsafeMutableBufferPointer { packed in
      gradients.withUnsafeBufferPointer { gradients in
        hessians.withUnsafeBufferPointer { hessians in
          workers.performChunks(rows, of: Gradients.chunk) { chunk in
            for row in chunk {
              var noise = (UInt32(truncatingIfNeeded: row) ^ salt) &* 0x85EB_CA6B
              noise = (noise ^ (noise >> 13)) &* 0xC2B2_AE35
              let a = Double(Int32(truncatingIfNeeded: noise >> 16)) * 0x1p-16 - 0.5
              let b = Double(Int32(truncatingIfNeeded: noise & 0xFFFF)) * 0x1p-16 - 0.5
              let g = Gradients.nearest(Double(gradients[row]) * perGradient + a)
              let h = Gradients.nearest(Double(hessians[row]) * perHessian + b)
              packed[row] = (g << 32) &+ h
            }
          }
        }
      }
    }
  }

  /// The nearest whole number to one below 2⁵¹ in size: adding 1.5 · 2⁵² leaves it in the lowest bits.
  @inline(__always)
  private static func nearest(_ x: Double) -> Int64 {
    Int64(bitPattern: (x + 0x1.8p52).bitPattern) &- Int64(bitPattern: (0x1.8p52).bitPattern)
  }

  /// Sets the derivatives of some rows; returns the sums of their absolute values.
  private static func derive(
    _ objective: Objective, _ focus: Float, _ range: Range<Int>,
    _ margins: UnsafeBufferPointer<Float>,
    _ labels: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>,
    _ gradients: UnsafeMutableBufferPointer<Float>, _ hessians: UnsafeMutableBufferPointer<Float>
  ) -> SIMD2<Double> {
    var sums = SIMD2<Double>.zero
    switch objective {
    case .logistic where focus > 0:
      for row in range {
        let (gradient, hessian) = FocalLoss.derivatives(
          margins[row], positive: labels[row] == 1, focus: focus)
        gradients[row] = gradient * weights[row]
        hessians[row] = hessian * weights[row]
        sums += SIMD2(Double(abs(gradients[row])), Double(hessians[row]))
      }
    case .logistic:
      for row in range {
        let p = sigmoid(margins[row])
        let gradient = (p - labels[row]) * weights[row]
        let hessian = max(p * (1 - p), 1e-16) * weights[row]
        gradients[row] = gradient
        hessians[row] = hessian
        sums += SIMD2(Double(abs(gradient)), Double(hessian))
      }
    case .squaredError:
      for row in range {
        let gradient = (margins[row] - labels[row]) * weights[row]
        gradients[row] = gradient
        hessians[row] = weights[row]
        sums += SIMD2(Double(abs(gradient)), Double(weights[row]))
      }
    }
    return sums
  }

  /// 1 / (1 + e⁻ˣ) to seven digits, in arithmetic that the compiler can do for several rows at once.
  ///
  /// e⁻ˣ is 2ᵏ times a polynomial of degree 6 over ±½ ln 2 (Taylor's; its last term is below 2 · 10⁻⁷ there).
  @inline(__always)
  static func sigmoid(_ x: Float) -> Float {
    let y = min(max(-x, -80), 80)
    // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the lowest bits.
    let shifted = y * 1.442_695_04 + 0x1.8p23
    let k = shifted - 0x1.8p23
    let r = (y - k * 0.693_359_375) + k * 2.121_944_4e-4
    var e = r * (1 / 720) + 1 / 120
    e = e * r + 1 / 24
    e = e * r + 1 / 6
    e = e * r + 0.5
    e = e * r + 1
    e = e * r + 1
    let scale = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3F80_0000)
    return 1 / (1 + e * scale)
  }
}

extension Gradients {
  /// The sums over some rows.
  func sum(_ rows: UnsafePointer<UInt32>, _ count: Int, _ workers: Workers) -> GradientSums {
    let size = 65_536
    var parts = [GradientSums](repeating: 0, count: (count + size - 1) / size)
    parts.withUnsafeMutableBufferPointer { parts in
      packed.withUnsafeBufferPointer { packed in
        workers.performChunks(count, of: size) { chunk in
          var sum: GradientSums = 0
          for position in chunk { sum &+= packed[Int(rows[position])] }
          parts[chunk.lowerBound / size] = sum
        }
      }
    }
    return parts.reduce(0, &+)
  }
}
