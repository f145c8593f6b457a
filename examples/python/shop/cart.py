"""A shopping cart: lines, discounts, shipping and tax. All amounts are whole cents."""

from dataclasses import dataclass, field


class CartError(ValueError):
    """Something in the cart cannot be sold."""


@dataclass(frozen=True)
class Line:
    """So many pieces of one article."""

    article: str
    cents: int
    quantity: int = 1

    @property
    def total(self) -> int:
        return self.cents * self.quantity


@dataclass
class Cart:
    """Collects lines and works out what is to be paid."""

    tax_percent: int = 19
    lines: list[Line] = field(default_factory=list)
    coupon: str = ""

    COUPONS = {"SPRING10": 10, "HALF": 50}
    FREE_SHIPPING_FROM = 5000
    SHIPPING = 490

    def add(self, article: str, cents: int, quantity: int = 1) -> None:
        """Adds pieces of an article; the same article at the same price joins its line."""
        if quantity < 1:
            raise CartError(f"quantity must be at least 1, not {quantity}")
        if cents < 0:
            raise CartError("a price cannot be negative")
        for i, line in enumerate(self.lines):
            if line.article == article and line.cents == cents:
                self.lines[i] = Line(article, cents, line.quantity + quantity)
                return
        self.lines.append(Line(article, cents, quantity))

    def remove(self, article: str) -> None:
        """Removes every line of an article."""
        kept = [line for line in self.lines if line.article != article]
        if len(kept) == len(self.lines):
            raise KeyError(article)
        self.lines = kept

    def redeem(self, code: str) -> bool:
        """Takes a coupon; says whether it is known. A later one replaces an earlier one."""
        code = code.strip().upper()
        if code not in self.COUPONS:
            return False
        self.coupon = code
        return True

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def discount(self) -> int:
        if not self.coupon:
            return 0
        return self.subtotal * self.COUPONS[self.coupon] // 100

    @property
    def shipping(self) -> int:
        if not self.lines:
            return 0
        if self.subtotal - self.discount >= self.FREE_SHIPPING_FROM:
            return 0
        return self.SHIPPING

    @property
    def total(self) -> int:
        """What is to be paid: goods less discount, shipping, and tax on both."""
        net = self.subtotal - self.discount + self.shipping
        return net + round(net * self.tax_percent / 100)

    def receipt(self) -> str:
        """The cart as text, a line per article."""
        if not self.lines:
            return "empty"
        rows = [f"{line.quantity} x {line.article}: {line.total / 100:.2f}" for line in self.lines]
        if self.discount:
            rows.append(f"discount {self.coupon}: -{self.discount / 100:.2f}")
        rows.append(f"total: {self.total / 100:.2f}")
        return "\n".join(rows)
