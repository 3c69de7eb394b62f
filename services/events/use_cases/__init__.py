"""The verbs, one public function per file. They never commit."""
