import Detection
import Primitives
import Synthetic
let args = CommandLine.arguments
let n = args.count > 1 ? Int(args[1])! : 200_000
let dump = args.contains("dump")
let clock = ContinuousClock()
let t0 = clock.now
let w = World(seed: 7, events: n)
let t1 = clock.now
var digest: UInt64 = 0
var c = 0
for e in w {
  c += 1
  digest = digest &* 31 &+ UInt64(e.fields.count) &+ UInt64(bitPattern: e.time.microseconds)
  if dump {
    let f = e.fields.sorted { $0.key < $1.key }.map { k, v in
      switch v { case .text(let t): "\(k)=\(t)"; case .number(let x): "\(k)=\(x)"; default: "\(k)=?" }
    }.joined(separator: ",")
    let local = CivilTime(e.time, offsetSeconds: Int(e.zoneOffsetSeconds))
    print("\(e.time)\t\(e.time.microseconds/1_000_000)\t\(local.hour)\t\(e.id)\t\(e.source)\t\(e.kind)\t\(e.primaryEntity!.value)\t\(f)")
  }
}
let t2 = clock.now
if !dump { print(c, t1 - t0, t2 - t1, digest) }
