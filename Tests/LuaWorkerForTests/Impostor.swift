import Glibc

/// Sends frames given in hexadecimal to whoever holds the channel, and then does what the last word says: `hang`,
/// `close` (the channel, and hang), `exit`, or `flood` (the last frame, again and again).
func say(_ words: [String]) -> Never {
  let frames = words.dropLast().map { word in
    stride(from: 0, to: word.utf8.count, by: 2).compactMap { UInt8(word.dropFirst($0).prefix(2), radix: 16) }
  }
  for frame in frames { _ = write(STDIN_FILENO, frame, frame.count) }
  switch words.last {
  case "exit": exit(3)
  case "close":
    close(STDIN_FILENO)
    while true { pause() }
  case "flood":
    let frame = frames.last ?? []
    while true { _ = write(STDIN_FILENO, frame, frame.count) }
  default: while true { pause() }
  }
}
