import Detection
import Testing

@testable import Host

@Suite("What is said of a series")
struct SeriesWordsTests {
  private func said(
    _ aspect: SeriesAspect, _ value: Double, isHigh: Bool = true, asFar: Int = 0,
    expected: Double? = nil, length: Int = 0
  ) -> String {
    SeriesWords.sentence(
      SeriesDetector.Cause(
        aspect: aspect, value: value, isHigh: isHigh, asFar: asFar, earlier: 4_031,
        expected: expected, length: length), series: "cpu")
  }

  @Test("Every aspect has its sentence, with the numbers in it")
  func sentences() {
    #expect(said(.level(span: 1), 96.23) == "cpu is at 96.2, higher than ever in 4,031 values")
    #expect(
      said(.level(span: 16), 0.0123, isHigh: false, asFar: 3)
        == "cpu was at 0.0123 on average over its last 16 values, lower than all but 3 of 4,031 values"
    )
    #expect(
      said(.change(span: 1), -1_240, isHigh: false)
        == "cpu fell by 1.2 k from one value to the next, further than ever in 4,031 values")
    #expect(
      said(.change(span: 4), 3)
        == "cpu rose by 3 from 4 values to the next 4, further than ever in 4,031 values")
    #expect(
      said(.spread(span: 64), 12.5)
        == "cpu scattered by 12.5 over its last 64 values, more than ever in 4,031 values")
    #expect(
      said(.spread(span: 16), 0, isHigh: false)
        == "cpu hardly moved, by 0, over its last 16 values, less than ever in 4,031 values")
    #expect(
      said(.season, -60, isHigh: false, asFar: 1, expected: 80)
        == "cpu is 60 below this hour's usual of 80, further than all but 1 of 4,031 values"
    )
    #expect(
      said(.standing(span: 16), 0.97)
        == "cpu kept unusually high over its last 16 values, more so than ever in 4,031 values")
    #expect(
      said(.mixture(span: 64), 0.01, isHigh: false)
        == "cpu kept to a narrow band over its last 64 values, more so than ever in 4,031 values")
    #expect(said(.still, 50, length: 1_200) == "cpu has stood at 50 for 1,200 values on end")
  }
}
