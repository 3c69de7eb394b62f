"""For web servers: gunicorn services.events.wsgi:app."""

from services.events.app import create_app
from services.events.settings import read_settings

app = create_app(read_settings())
