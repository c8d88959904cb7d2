import Testing
import Primitives
@Test("The epoch is a Thursday at midnight") func epoch() { #expect(Timestamp(seconds: 0).description == "1970-01-01T00:00:00Z") }
