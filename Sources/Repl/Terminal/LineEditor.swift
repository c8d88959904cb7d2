import CLineEditor
import Console
import Primitives

/// Lines that a person types at a terminal, with history and completion.
final class LineEditor: LineInput {
  private var editor: OpaquePointer?
  private let history: HistoryFile
  private let complete: (String) -> Completion
  private let paint: Paint

  /// Missing where the terminal cannot be edited on.
  init?(history: HistoryFile, paint: Paint, complete: @escaping (String) -> Completion) {
    self.history = history
    self.complete = complete
    self.paint = paint
    editor = mw_editor_open(Unmanaged.passUnretained(self).toOpaque()) {
      context, editor, line, count, cursor in
      guard let context, let editor, let line else { return }
      let input = Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
      let bytes = UnsafeRawBufferPointer(start: line, count: cursor)
      input.answerTab(String(decoding: bytes, as: UTF8.self), editor)
    }
    guard let editor else { return nil }
    for line in history.lines { mw_editor_remember(editor, line) }
  }

  deinit { if let editor { mw_editor_close(editor) } }

  func next(prompt: String) -> InputLine {
    var text: UnsafePointer<CChar>?
    var count = 0
    // The bytes of value 1 tell libedit that what stands between them takes no room.
    let shown = paint.isOn ? "\u{1}\u{1B}[1;36m\u{1}\(prompt)\u{1}\u{1B}[0m\u{1}" : prompt
    switch mw_editor_read(editor, shown, &text, &count) {
    case MW_LINE:
      let bytes = UnsafeRawBufferPointer(start: text, count: count)
      return .line(String(decoding: bytes, as: UTF8.self))
    case MW_LINE_INTERRUPTED: return .interrupted
    default: return .end
    }
  }

  var hasMore: Bool { mw_editor_has_pasted(editor) }
  func forgetWaiting() { mw_editor_forget_pasted(editor) }

  func remember(_ line: String) {
    guard history.append(line) else { return }
    mw_editor_remember(editor, line)
  }

  /// Ends the read that waits, from any thread.
  var stopper: @Sendable () -> Void {
    // The editor lives as long as the program reads lines, and the call writes one byte to a pipe.
    nonisolated(unsafe) let editor = editor
    return { mw_editor_stop(editor) }
  }

  private func answerTab(_ line: String, _ editor: OpaquePointer) {
    let found = complete(line)
    let common = found.common
    if common.count > found.typed.count || found.candidates.count == 1 {
      mw_editor_replace(
        editor, Int32(found.typed.count),
        common + (found.candidates.count == 1 ? found.closing : ""))
    } else if found.candidates.count > 1 {
      mw_editor_show(editor, found.columns(width: Terminal.output.width ?? 80))
    }
  }
}
