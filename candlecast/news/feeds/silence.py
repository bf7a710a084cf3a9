"""What must a log not tell of a question? Its query, which may hold a key."""

import logging

import httpx2


class WithoutQuery(logging.Filter):
    """Cuts the query off the addresses that the HTTP library logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, without queries."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_with(query=None) if isinstance(arg, httpx2.URL) else arg for arg in record.args
            )
        return True


_WITHOUT_QUERY = WithoutQuery()


def silence_queries() -> None:
    """Have the HTTP library log no queries; a second time changes nothing."""
    logging.getLogger("httpx2").addFilter(_WITHOUT_QUERY)
