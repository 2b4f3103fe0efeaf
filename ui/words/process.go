package words

// SayCoreAllowed is told when the protection of the process was switched off by hand.
const SayCoreAllowed = "CRMDECK_ALLOW_CORE is set: if this process dies, a core file with open secrets can be left behind."

// WireLog is the variable that names a file for the log of requests.
const WireLog = "CRMDECK_WIRE_LOG"

// SayWireLog is told when that file can't be written.
const SayWireLog = WireLog + ": {said}"
