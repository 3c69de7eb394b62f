"""One way of being a web application for all services: door, locks, languages, rejections."""
