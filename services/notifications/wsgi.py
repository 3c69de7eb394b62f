"""For web servers: gunicorn services.notifications.wsgi:app."""

from services.notifications.app import create_app
from services.notifications.settings import read_settings

app = create_app(read_settings())
