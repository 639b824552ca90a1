extension GatewayError.Kind {
  /// What it means, one sentence.
  public var summary: String {
    switch self {
    case .usage: "The call itself is wrong; nothing was sent."
    case .notFound: "What is named is not there."
    case .invalid: "The gateway refused a value."
    case .unauthenticated: "The credential is missing, wrong or has ended."
    case .denied: "The credential does not allow it."
    case .conflict: "Something else stands against it: a name that is taken, a change that is under way."
    case .throttled: "There were too many requests, and waiting did not help."
    case .unavailable:
      "The gateway cannot be reached, or answers with an error of its own or with something unreadable."
    case .timeout: "No answer came in time, or what was waited for did not happen."
    case .unknownOutcome: "A change was sent and its answer lost: it may or may not have happened."
    case .partialFailure: "Some of several APIs failed; result holds both lists."
    case .healthCheck: "What was released is not well."
    case .refused: "A person, a permission or a protection forbids it."
    case .stale: "What it rests on has changed meanwhile."
    case .limit: "A limit of the sandbox was reached; scripts cannot catch it."
    case .lockLost: "The environment is another run's by now."
    case .cancelled: "The run was stopped; scripts cannot catch it."
    }
  }

  /// What to do about it, one sentence.
  public var advice: String {
    switch self {
    case .usage: "Correct the call: the message says what is wrong, the hint what was meant; apig-lua check finds most."
    case .notFound: "Check the name, the gateway (apig.run.gateway) and, for versions, that the gateway still keeps it."
    case .invalid: "Correct the value: the message is the gateway's own."
    case .unauthenticated: "apig-lua profile show tells which credential is used, apig-lua doctor tries it."
    case .denied: "Ask for the permission on the gateway, or use another credential (--profile)."
    case .conflict:
      "Look at what is there already; what is under way is over in a moment, and the call can be repeated."
    case .throttled: "Send more slowly: --rate 5/s, or rate: under the gateway in apig.yaml."
    case .unavailable: "Try again later; apig-lua doctor shows what is in effect, and whether the gateway answers."
    case .timeout: "Raise --timeout, or the timeout of the call, if it only needs longer."
    case .unknownOutcome: "Look at the history before it is sent again; apig-lua resume settles what it can."
    case .partialFailure:
      "on_failure = \"return\" returns the lists instead; apig-lua run … --only-failed-of RUN takes the rest up."
    case .healthCheck: "Inside of with_rollback the changes are undone; result holds the numbers."
    case .refused: "The message names what forbids it: --allow PERMISSION, an answer, or protect: in apig.yaml."
    case .stale: "Read again, and decide anew; a plan is made again with apig-lua plan."
    case .limit: "Give it more: --max-memory, --max-cpu, --deadline, --max-calls."
    case .lockLost: "Look who has it: apig-lua lock list; then apig-lua resume RUN or apig-lua rollback RUN."
    case .cancelled: "apig-lua resume RUN goes on, apig-lua rollback RUN undoes."
    }
  }
}
