"""The rules of writing to people: clean text, who attends what, when a calendar is told, when a mail is tried again."""
