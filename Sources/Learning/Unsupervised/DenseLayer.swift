import Glibc
import Primitives

/// A layer of a small network: outputs are a weighted sum of all inputs, bent by tanh where it is not the last.
struct DenseLayer: Sendable, Equatable {
  private let inputs: Int
  private let outputs: Int
  private let isBent: Bool
  /// `outputs × (inputs + 1)`, the bias last in each row.
  private var weights: [Float]
  private var gradients: [Float]
  /// Adam's running means of gradients and of their squares (Kingma and Ba, 2015).
  private var first: [Float]
  private var second: [Float]
  private var lastInput: [Float] = []
  private var lastOutput: [Float] = []

  /// Weights are drawn so that the variance of what passes through stays (Glorot and Bengio, 2010).
  init(inputs: Int, outputs: Int, isBent: Bool, random: inout SeededRandom) {
    self.inputs = inputs
    self.outputs = outputs
    self.isBent = isBent
    let limit = (6 / Double(inputs + outputs)).squareRoot()
    var weights = [Float](repeating: 0, count: outputs * (inputs + 1))
    for output in 0..<outputs {
      for input in 0..<inputs {
        weights[output * (inputs + 1) + input] = Float(random.uniform(-limit, limit))
      }
    }
    self.weights = weights
    gradients = Array(repeating: 0, count: weights.count)
    first = gradients
    second = gradients
  }

  func output(_ values: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: outputs)
    weights.withUnsafeBufferPointer { weights in
      for output in 0..<outputs {
        let row = output * (inputs + 1)
        var sum = weights[row + inputs]
        for input in 0..<inputs { sum += weights[row + input] * values[input] }
        result[output] = isBent ? tanhf(sum) : sum
      }
    }
    return result
  }

  /// Like `output`, remembering what `backward` needs.
  mutating func forward(_ values: [Float]) -> [Float] {
    lastInput = values
    lastOutput = output(values)
    return lastOutput
  }

  /// Adds to the gradients of the weights; returns the gradient with respect to the inputs of the last `forward`.
  mutating func backward(_ gradient: [Float]) -> [Float] {
    var back = [Float](repeating: 0, count: inputs)
    for output in 0..<outputs {
      let bend = isBent ? 1 - lastOutput[output] * lastOutput[output] : 1
      let slope = gradient[output] * bend
      if slope == 0 { continue }
      let row = output * (inputs + 1)
      for input in 0..<inputs {
        back[input] += slope * weights[row + input]
        gradients[row + input] += slope * lastInput[input]
      }
      gradients[row + inputs] += slope
    }
    return back
  }

  /// One step of Adam; forgets the gradients.
  mutating func step(rate: Double, number: Int) {
    let (keep, keepSquares) = (Float(0.9), Float(0.999))
    let correction = (1 - pow(0.999, Double(number))).squareRoot() / (1 - pow(0.9, Double(number)))
    let rate = Float(rate * correction)
    for place in weights.indices {
      let gradient = gradients[place]
      first[place] = keep * first[place] + (1 - keep) * gradient
      second[place] = keepSquares * second[place] + (1 - keepSquares) * gradient * gradient
      weights[place] -= rate * first[place] / (second[place].squareRoot() + 1e-8)
      gradients[place] = 0
    }
  }
}
