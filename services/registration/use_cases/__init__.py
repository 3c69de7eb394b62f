"""The verbs of registration, one public function per module."""
