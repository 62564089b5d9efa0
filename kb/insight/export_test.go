package insight

// Contradictions is contradictions for tests.
var Contradictions = contradictions
