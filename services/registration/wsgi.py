"""gunicorn services.registration.wsgi:app"""

from services.registration.app import create_app
from services.registration.settings import read_settings

app = create_app(read_settings())
