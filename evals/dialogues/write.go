package dialogues

// Write writes a playbook.
func Write(dir string, data, train *Set) error { return nil }
