"""How the product is started, and who is there before the story begins."""

import sys

from tests.end_to_end.product import Product

EMBEDDED = [sys.executable, "-m", "deploy.all_in_one"]
SERVERS = [sys.executable, "-m", "deploy.launcher"]
ORGANISER = "maryam@torweg.example.org"


def settle(product: Product) -> None:
    """An organisation with one administrator, made as the README says."""
    product.run(
        "create-organisation", "Torweg Netzwerk e. V.", "--slug", "torweg", "--email", "team@torweg.example.org"
    )
    product.run("add-member", ORGANISER, "--organisation", "torweg", "--role", "admin", "--name", "Maryam Haddad")


def token(product: Product, role: str = "organiser") -> str:
    """An API token."""
    return product.run("create-token", "--organisation", "torweg", "--role", role)
