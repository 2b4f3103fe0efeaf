package words

// SayCoreAllowed is told when the protection of the process was switched off by hand.
const SayCoreAllowed = "CRMDECK_ALLOW_CORE is set: if this process dies, a core file with open secrets can be left behind."
