"""What a receipt says, from frozen data only, in the language in force; and its PDF."""

from applications.receipts.content import Receipt, ReceivedFile, receipt_lines, receipt_of
from applications.receipts.render import receipt_pdf

__all__ = ["Receipt", "ReceivedFile", "receipt_lines", "receipt_of", "receipt_pdf"]
