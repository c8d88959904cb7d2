import Glibc

/// First and second derivatives of the loss at each row, as whole numbers so that sums do not depend on their order.
///
/// A row is one 64-bit word: the first derivative in the upper half, the second in the lower, in steps of
/// `gradientStep` and `hessianStep`. 4,096 such words can be added without one half spilling into the other. The steps
/// are about 2 · 10⁻⁶ of the largest value; what falls between two steps is rounded by a hash of row and round,
/// so that sums are not biased.
struct Gradients {
  /// Words that may be added into one without spilling.
  static let burst = 4096
  private static let gradientRange = Double((1 << 31) / burst - 2)
  private static let hessianRange = Double((1 << 32) / burst - 2)

  private(set) var packed: [Int64]
  private(set) var gradientStep = 1.0
  private(set) var hessianStep = 1.0
  private var gradients: [Float]
  private var hessians: [Float]

  init(rows: Int) {
    packed = [Int64](repeating: 0, count: rows)
    gradients = [Float](repeating: 0, count: rows)
    hessians = [Float](repeating: 0, count: rows)
  }

  private static let chunk = 8192

  mutating func update(
    _ objective: Objective, margins: [Double], labels: [Float], weights: [Float], round: Int,
    workers: Workers
  ) {
    let rows = packed.count
    let chunks = (rows + Gradients.chunk - 1) / Gradients.chunk
    var largest = [SIMD2<Float>](repeating: .zero, count: chunks)
    gradients.withUnsafeMutableBufferPointer { gradients in
      hessians.withUnsafeMutableBufferPointer { hessians in
        largest.withUnsafeMutableBufferPointer { largest in
          margins.withUnsafeBufferPointer { margins in
            workers.perform(chunks) { chunk in
              let range = (chunk * Gradients.chunk)..<min(rows, (chunk + 1) * Gradients.chunk)
              var most = SIMD2<Float>.zero
              for row in range {
                let weight = weights[row]
                var gradient: Float
                var hessian = weight
                switch objective {
                case .logistic:
                  let p = Float(1 / (1 + exp(-margins[row])))
                  gradient = (p - labels[row]) * weight
                  hessian = max(p * (1 - p), 1e-16) * weight
                case .squaredError:
                  gradient = Float(margins[row] - Double(labels[row])) * weight
                }
                gradients[row] = gradient
                hessians[row] = hessian
                most.replace(
                  with: SIMD2(abs(gradient), hessian), where: most .< SIMD2(abs(gradient), hessian))
              }
              largest[chunk] = most
            }
          }
        }
      }
    }
    let most = largest.reduce(SIMD2<Float>.zero) { pointwiseMax($0, $1) }
    gradientStep = max(Double(most.x), 1e-30) / Gradients.gradientRange
    hessianStep = max(Double(most.y), 1e-30) / Gradients.hessianRange
    let (perGradient, perHessian) = (Float(1 / gradientStep), Float(1 / hessianStep))
    let salt = UInt32(truncatingIfNeeded: round &* 0x9E37_79B9)
    packed.withUnsafeMutableBufferPointer { packed in
      gradients.withUnsafeBufferPointer { gradients in
        hessians.withUnsafeBufferPointer { hessians in
          workers.performChunks(rows, of: Gradients.chunk) { chunk in
            for row in chunk {
              var noise = (UInt32(truncatingIfNeeded: row) ^ salt) &* 0x85EB_CA6B
              noise = (noise ^ (noise >> 13)) &* 0xC2B2_AE35
              let a = Float(noise >> 16) * 0x1p-16
              let b = Float(noise & 0xFFFF) * 0x1p-16
              let g = Int64((gradients[row] * perGradient + a).rounded(.down))
              let h = Int64((hessians[row] * perHessian + b).rounded(.down))
              packed[row] = (g << 32) &+ h
            }
          }
        }
      }
    }
  }

  /// The sums over some rows.
  func sums(_ rows: [UInt32]) -> GradientSums {
    var sums = GradientSums.zero
    for row in rows {
      let word = packed[Int(row)]
      sums &+= GradientSums(word >> 32, word & 0xFFFF_FFFF)
    }
    return sums
  }
}
