"""Every claim of this study, in the order of the page."""

CLAIMS = ()
