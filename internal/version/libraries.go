package version

// Alertmanager is the version of the embedded Alertmanager. Its API's clients decide
// by it what they may ask, and amtool warns when it is not its own.
const Alertmanager = "0.34.2"
