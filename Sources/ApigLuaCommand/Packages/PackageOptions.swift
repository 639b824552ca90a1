internal import ArgumentParser

/// Whose packages a command works on.
struct PackageHomeOptions: ParsableArguments {
  @Flag(help: "The packages of this user, for every project, in place of the project's.")
  var global = false
}

/// How a command that changes packages takes them.
struct PackageChangeOptions: ParsableArguments {
  @Flag(help: "Fetches nothing: what is installed, vendored or cached must do.")
  var offline = false

  @Flag(help: "Grants what packages want to do, without asking; --deny withholds some of it.")
  var acceptPermissions = false

  @Flag(help: "Takes packages that are signed by somebody else than before, without asking.")
  var acceptSigner = false
}
