"""gunicorn tests.bench.fifty:app: the events service, with fifty events on a page of the catalogue."""

from services.events.app import create_app
from services.events.settings import read_settings
from services.events.web import catalogue

if catalogue.PER_PAGE > 50:
    raise AssertionError("the product's page has grown: measure it as it is")
catalogue.PER_PAGE = 50
app = create_app(read_settings())
