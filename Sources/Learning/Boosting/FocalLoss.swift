import Glibc

/// Log loss that counts rows less the surer they are right: −(1 − q)^γ ln q, where q is the probability of the true
/// label (Lin and others, "Focal Loss for Dense Object Detection", 2017).
enum FocalLoss {
  /// The derivatives by the margin. The second is negative where a row is far wrong, for which no step is defined; there
  /// it counts as almost nothing.
  static func derivatives(_ margin: Float, positive: Bool, focus: Float) -> (Float, Float) {
    let q = Gradients.sigmoid(positive ? margin : -margin)
    let wrong = 1 - q
    let logQ = log(max(q, 1e-30))
    let factor = pow(wrong, focus)
    let inner = focus * q * logQ - wrong
    let gradient = factor * inner
    let hessian = q * factor * (wrong * (focus * logQ + focus + 1) - focus * inner)
    return (positive ? gradient : -gradient, max(hessian, 1e-16))
  }

  static func loss(_ margin: Double, positive: Bool, focus: Double) -> Double {
    let m = positive ? margin : -margin
    // ln(1 + e⁻ᵐ) without overflow.
    let logLoss = max(-m, 0) + log1p(exp(-abs(m)))
    return pow(1 - exp(-logLoss), focus) * logLoss
  }
}
